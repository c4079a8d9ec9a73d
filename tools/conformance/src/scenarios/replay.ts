import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kinds } from '@flux/api';
import { formatApiVersion, isNotFound, type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import { commitFiles, createBareRepository } from '@flux/git';
import { parseYamlDocuments } from '@flux/yaml';
import { Bindings } from './compare.ts';
import { compareHappenings, compareState } from './compare-records.ts';
import type { Platform } from './platform.ts';
import { pushChartFolder, readChartFolder } from './publish-chart.ts';
import { Recorder } from './record.ts';
import { loadRecord, type ObjectName, type Scenario, type ScenarioRecord, type Step } from './scenario.ts';
import { sleep, until, waitFor } from './wait-for.ts';

const settleMs = 1200;
const retryMs = 300;
/** Only what never comes, or never rests, takes as long. */
const settleLimitMs = 30_000;
const retryLimitMs = 30_000;

/** Runs the steps of a scenario and says what differed at its records. */
export async function replay(platform: Platform, scenario: Scenario): Promise<string[]> {
  const run = new Replay(platform, scenario);
  try {
    return await run.run();
  } finally {
    await run.cleanUp();
  }
}

class Replay {
  readonly #platform: Platform;
  readonly #cluster: Cluster;
  readonly #scenario: Scenario;
  readonly #recorder: Recorder;
  readonly #bindings: Bindings;
  readonly #commits = new Map<string, string>();
  readonly #told = new Set<string>();
  #commitCount = 0;
  #responses: unknown[] = [];

  constructor(platform: Platform, scenario: Scenario) {
    this.#platform = platform;
    this.#cluster = platform.cluster;
    this.#scenario = scenario;
    this.#recorder = new Recorder(platform.cluster, scenario);
    this.#bindings = new Bindings();
  }

  async run(): Promise<string[]> {
    for (const name of this.#scenario.namespaces) await this.#makeNamespace(name);
    const differences: string[] = [];
    for (const [index, step] of this.#scenario.steps.entries()) {
      try {
        differences.push(...(await this.#step(step)));
      } catch (error) {
        const text = messageOf(error);
        return [...differences, `step ${index + 1} ${JSON.stringify(step).slice(0, 200)}: ${text}`];
      }
    }
    return differences;
  }

  async cleanUp(): Promise<void> {
    const { namespaces, clusterObjects = [] } = this.#scenario;
    for (const { apiVersion, kind } of kinds) {
      for (const namespace of namespaces) {
        const { items } = await this.#cluster.list({ apiVersion, kind }, { namespace });
        for (const object of items) await this.#remove(object);
      }
    }
    const made = [...namespaces, ...clusterObjects].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', name }));
    for (const ref of made) await ignoreNotFound(this.#cluster.delete(ref, { propagationPolicy: 'Background' }));
  }

  /** Its controller is not asked: what a failed scenario left behind need not be tidy. */
  async #remove(object: KubeObject): Promise<void> {
    const ref = refOf(object);
    await ignoreNotFound(this.#cluster.delete(ref));
    await ignoreNotFound(this.#cluster.patch(ref, 'merge', { metadata: { finalizers: null } }));
  }

  async #makeNamespace(name: string): Promise<void> {
    await this.#cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  async #step(step: Step): Promise<string[]> {
    if (step.record !== undefined) return this.#record(step.record);
    if (step.git !== undefined) await this.#git(step.git, step);
    else if (step.oci !== undefined) await this.#oci(step.oci, step);
    else if (step.chart !== undefined) await this.#chart(step.chart, step.repo);
    else if (step.helmFile !== undefined) this.#helmFile(step.helmFile, step.content ?? '');
    else if (step.apply !== undefined) await this.#apply(step.apply, step.expectError ?? false);
    else if (step.patch) await this.#patch(step.patch);
    else if (step.annotate) await this.#annotate(step.annotate);
    else if (step.delete) await this.#delete(step.delete);
    else if (step.waitFor) await this.#waitFor(step.waitFor);
    else if (step.sleep !== undefined) await sleep(step.sleep * 1000);
    else throw new Error('no such action');
    return [];
  }

  get #namespace(): string {
    return this.#scenario.namespaces[0] ?? 'default';
  }

  /** Objects that fail and retry pass through other states, so the comparison is repeated for a while. */
  async #record(name: string): Promise<string[]> {
    await this.#settle();
    const expected = await loadRecord(this.#scenario, name);
    let differences = await this.#compareObjects(name, expected);
    const deadline = performance.now() + retryLimitMs;
    while (differences.length > 0 && performance.now() < deadline) {
      await sleep(retryMs);
      differences = await this.#compareObjects(name, expected);
    }
    const comparison = { scenario: this.#scenario.name, record: name, bindings: this.#bindings };
    const events = this.#platform.redact(await this.#recorder.newEvents(), this.#scenario.name);
    const responses = this.#responses;
    this.#responses = [];
    const happenings = { ...comparison, expected, actual: { events, responses } };
    return [...differences, ...compareHappenings(happenings, this.#told)];
  }

  async #compareObjects(record: string, expected: ScenarioRecord): Promise<string[]> {
    const { name: scenario } = this.#scenario;
    const actual = this.#platform.redact(await this.#recorder.objects(), scenario);
    const bindings = this.#bindings.copy();
    const differences = compareState({ scenario, record, expected, actual, bindings });
    if (differences.length === 0) this.#bindings.takeOver(bindings);
    return differences;
  }

  /** Until no Flux object has changed for a while. */
  async #settle(): Promise<void> {
    const state = async () => {
      const lists = kinds.flatMap(({ apiVersion, kind }) =>
        this.#scenario.namespaces.map((namespace) => this.#cluster.list({ apiVersion, kind }, { namespace })),
      );
      const items = (await Promise.all(lists)).flatMap((list) => list.items);
      return items.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).join();
    };
    let last = await state();
    let since = performance.now();
    const check = async () => {
      const now = await state();
      if (now !== last) since = performance.now();
      last = now;
      return performance.now() - since >= settleMs ? undefined : 'objects are changing';
    };
    await until(check, settleLimitMs).catch(() => undefined);
  }

  async #git(repository: string, step: Step): Promise<void> {
    const path = `${this.#scenario.name}/${repository}.git`;
    const directory = join(this.#platform.gitRoot, path);
    await mkdir(directory, { recursive: true });
    await createBareRepository(directory);
    if (step.auth) this.#platform.gitCredentials.set(path, step.auth);
    if (!step.commit) return;
    const count = ++this.#commitCount;
    const commit = await commitFiles(directory, {
      branch: step.branch ?? 'main',
      from: step.from ?? 'main',
      message: step.message ?? `commit ${count}`,
      author: { name: 'Golden', email: 'golden@example.com' },
      date: new Date(`2026-01-01T00:${String(count).padStart(2, '0')}:00Z`),
      files: await this.#files(step),
      ...(step.tag ? { tag: step.tag } : {}),
      ...(step.annotated ? { annotated: true } : {}),
    });
    this.#commits.set(repository, commit);
  }

  async #files(step: Step): Promise<Record<string, string | null>> {
    const files: Record<string, string | null> = {};
    for (const [path, content] of Object.entries(step.commit ?? {})) {
      const text =
        content === null || typeof content === 'string'
          ? content
          : await readFile(join(this.#scenario.folder, content.file), 'utf8');
      files[path] = text !== null && step.expand ? this.#expand(text) : text;
    }
    return files;
  }

  #expand(text: string): string {
    return this.#platform
      .expand(text, this.#scenario.name)
      .replace(/\$\{sha:([^}]+)\}/g, (_, repository: string) => this.#commits.get(repository) ?? '');
  }

  async #chart(folder: string, repository: string | undefined): Promise<void> {
    const files = await readChartFolder(join(this.#scenario.folder, folder));
    const { name } = this.#scenario;
    await this.#platform.charts.addChart(files, repository ? `${name}/${repository}` : name);
  }

  async #oci(name: string, { chart, tag }: Step): Promise<void> {
    if (chart === undefined) throw new Error('only charts are pushed to the registry yet');
    const { host } = await this.#platform.registry();
    const repository = `${this.#scenario.name}/${name}`;
    await pushChartFolder(join(this.#scenario.folder, chart), { host, repository, ...(tag ? { tag } : {}) });
  }

  #helmFile(path: string, content: string): void {
    this.#platform.charts.put(`${this.#scenario.name}/${path}`, this.#expand(content));
  }

  async #apply(file: string, mayFail: boolean): Promise<void> {
    const text = this.#expand(await readFile(join(this.#scenario.folder, file), 'utf8'));
    for (const document of parseYamlDocuments(text, { mode: 'sigs' })) {
      if (!document) continue;
      const object = document as unknown as KubeObject;
      const mapping = await this.#cluster.mapping(object);
      if (mapping.namespaced) object.metadata.namespace ??= this.#namespace;
      try {
        await this.#cluster.apply(object, { fieldManager: 'golden-user', force: true });
      } catch (error) {
        if (!mayFail || !(error instanceof Error)) throw error;
        this.#responses.push({ apply: file, error: error.message });
      }
    }
  }

  async #refOf(target: ObjectName) {
    const { kind, name, ns: namespace = this.#namespace, apiVersion = await this.#apiVersionOf(kind) } = target;
    return { apiVersion, kind, name, namespace };
  }

  readonly #apiVersionOf = async (kind: string): Promise<string> => {
    const flux = kinds.find((candidate) => candidate.kind === kind);
    if (flux) return flux.apiVersion;
    const mapping = (await this.#cluster.mappings()).find((candidate) => candidate.kind === kind);
    return mapping ? formatApiVersion(mapping.group, mapping.version) : 'v1';
  };

  async #patch(target: NonNullable<Step['patch']>): Promise<void> {
    const { patch, type = 'merge', manager = 'golden-edit', subresource } = target;
    await this.#cluster.patch(await this.#refOf(target), type, patch, {
      fieldManager: manager,
      ...(subresource ? { subresource } : {}),
    });
  }

  async #annotate(target: NonNullable<Step['annotate']>): Promise<void> {
    const patch = { metadata: { annotations: target.annotations } };
    await this.#cluster.patch(await this.#refOf(target), 'merge', patch, { fieldManager: 'golden-edit' });
  }

  async #delete(target: NonNullable<Step['delete']>): Promise<void> {
    const propagationPolicy = target.propagation ?? 'Background';
    await this.#cluster.delete(await this.#refOf(target), { propagationPolicy });
  }

  #waitFor(wanted: NonNullable<Step['waitFor']>): Promise<void> {
    const contains = wanted.contains === undefined ? {} : { contains: this.#expand(wanted.contains) };
    const options = { namespace: this.#namespace, apiVersionOf: this.#apiVersionOf };
    return waitFor(this.#cluster, { ...wanted, ...contains }, options);
  }
}

async function ignoreNotFound(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
