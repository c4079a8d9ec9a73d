import { existsSync, readdirSync, readFileSync } from 'node:fs';
import {
  applyServerSide,
  deepEqual,
  type KubeObject,
  type ManagedFieldsEntry,
  newConflictsStatus,
  normalizeTyped,
  parseApiVersion,
  type Schema,
  StatusError,
  structuralFromOpenApi,
  trackUpdate,
} from '@flux/apimachinery';
import { describe, expect, test } from 'vitest';
import { builtinKinds, builtinSchema, customResourceSchema } from './index.ts';

const folder = new URL('../../../tools/conformance/cases/kube-api/transcripts/', import.meta.url);

interface Step {
  n: number;
  request?: {
    method: string;
    path: string;
    query?: Record<string, string>;
    headers?: Record<string, string>;
    body?: KubeObject;
  };
  response?: { status: number; body?: KubeObject; bodySubset?: boolean };
}

interface Outcome {
  step: string;
  want: unknown;
  got: unknown;
}

/** Kinds whose answers a step needs: path up to the object's name, subresource aside. */
function splitPath(path: string): { object: string; subresource?: string } {
  const parts = path.split('/');
  const start = path.startsWith('/api/v1') ? 3 : 4;
  const namespaced =
    parts[start] === 'namespaces' &&
    parts.length > start + 2 &&
    !['status', 'finalize'].includes(parts[start + 2] ?? '');
  const end = start + (namespaced ? 4 : 2);
  const subresource = parts[end];
  return { object: parts.slice(0, end).join('/'), ...(subresource && { subresource }) };
}

/** The server tracks fields before admission and allocation change these kinds, so the answer shows more than was tracked. */
const changedLater = new Set(['Job', 'Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'Pod', 'Service']);

class Replay {
  readonly outcomes: Outcome[] = [];
  readonly #live = new Map<string, KubeObject>();
  readonly #schemas = new Map<string, Schema>();
  readonly #hasStatus = new Map<string, boolean>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  step({ n, request, response }: Step): void {
    if (request === undefined || response === undefined) return;
    if (response?.bodySubset) {
      this.#listOrder(n, request, response);
      return;
    }
    const body = response.body;
    const path = splitPath(request.path);
    this.#learnSchema(request.body);
    this.#learnSchema(body);
    const isObject = body?.metadata?.uid !== undefined && body.kind !== 'Status';
    const key =
      request.method === 'POST' && isObject ? `${path.object.replace(/\/$/, '')}/${body.metadata.name}` : path.object;
    const dryRun = request.query?.['dryRun'] !== undefined;
    const known = this.#live.get(key);
    const live = dryRun && known?.metadata.resourceVersion === undefined ? undefined : known;
    const isApply = request.headers?.['Content-Type']?.startsWith('application/apply-patch') ?? false;
    if (isApply && request.body)
      this.#apply(`${this.#name}#${n}`, live, request.body, request.query ?? {}, path.subresource, response);
    else if (isObject && ['POST', 'PUT', 'PATCH'].includes(request.method) && request.body) {
      this.#update(`${this.#name}#${n}`, live, request, path.subresource, body);
    }
    if ((request.method === 'DELETE' && !body?.metadata?.finalizers) || response.status === 404) this.#live.delete(key);
    else if (isObject && !dryRun && path.subresource !== 'scale') this.#live.set(key, body);
  }

  /** Steps that kept only the names of a merged list: the object lives on from our own results. */
  #listOrder(n: number, request: NonNullable<Step['request']>, response: NonNullable<Step['response']>): void {
    const want: unknown = response.body;
    if (!Array.isArray(want) || request.body === undefined) return;
    const schema = this.#schemaOf(request.body);
    const manager = request.query?.['fieldManager'] ?? '';
    const live = this.#live.get(request.path);
    const { object } = applyServerSide({
      live,
      applied: request.body,
      manager,
      force: request.query?.['force'] === 'true',
      schema,
      now: '<time>',
    });
    this.#live.set(request.path, object);
    const env = object['spec']?.template?.spec?.containers?.[0]?.env as { name: string }[] | undefined;
    this.outcomes.push({
      step: `${this.#name}#${n} order`,
      want,
      got: env?.map(({ name }) => name) ?? object.metadata.finalizers,
    });
  }

  #learnSchema(body: KubeObject | undefined): void {
    if (body?.kind !== 'CustomResourceDefinition') return;
    for (const version of body['spec']?.versions ?? []) {
      const raw = version.schema?.openAPIV3Schema;
      if (raw === undefined) continue;
      const gvk = `${body['spec'].group}/${version.name}/${body['spec'].names.kind}`;
      this.#schemas.set(gvk, customResourceSchema(structuralFromOpenApi(raw)));
      this.#hasStatus.set(gvk, version.subresources?.status !== undefined);
    }
  }

  #schemaOf(object: KubeObject): Schema | undefined {
    return (
      this.#schemas.get(`${object.apiVersion}/${object.kind}`) ??
      builtinSchema({ ...parseApiVersion(object.apiVersion), kind: object.kind })
    );
  }

  #apply(
    step: string,
    live: KubeObject | undefined,
    applied: KubeObject,
    query: Record<string, string>,
    subresource: string | undefined,
    response: NonNullable<Step['response']>,
  ): void {
    const want = response.body;
    const message = want?.['message'];
    if (response.status >= 400 && !/^Apply failed|^failed to create typed|managedFields must be nil/.test(message))
      return;
    try {
      const schema = this.#schemaOf(applied);
      const result = applyServerSide({
        live,
        applied,
        manager: query['fieldManager'] ?? 'golden',
        subresource,
        force: query['force'] === 'true',
        schema,
        now: '<time>',
        resetFields: this.#resetFields(applied, subresource),
      });
      if (result.conflicts.length > 0) throw newConflictsStatus(result.conflicts);
      this.#compare(step, want?.metadata?.managedFields, result.managedFields);
      const normal = schema === undefined ? result.object : normalizeTyped(result.object as never, schema);
      const lost = differences(withoutManaged(normal), want, '');
      if (lost.length > 0) this.outcomes.push({ step: `${step} object`, want: 'the same object', got: lost });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const [got, expected] = [sortLines(error.status.message), sortLines(message)];
      this.outcomes.push({ step, want: got === expected ? true : expected, got: got === expected ? true : got });
    }
  }

  #update(
    step: string,
    live: KubeObject | undefined,
    request: NonNullable<Step['request']>,
    subresource: string | undefined,
    body: KubeObject,
  ): void {
    const operations: unknown = request.body;
    const operation = Array.isArray(operations)
      ? operations.find((one: { path: string }) => one.path === '/metadata/managedFields')
      : undefined;
    const sent = operation
      ? (operation.value ?? [])
      : request.body?.metadata && 'managedFields' in request.body.metadata
        ? request.body.metadata.managedFields
        : request.method === 'PATCH'
          ? live?.metadata.managedFields
          : undefined;
    const { managedFields: _, ...metadata } = body.metadata;
    if (changedLater.has(body.kind) || subresource === 'token') return;
    const updated = { ...body, metadata: { ...metadata, ...(sent && { managedFields: sent }) } } as KubeObject;
    const got = trackUpdate({
      live,
      updated,
      manager: request.query?.['fieldManager'] ?? 'golden',
      subresource,
      schema: this.#schemaOf(body),
      now: '<time>',
      resetFields: this.#resetFields(body, subresource),
    });
    this.#compare(step, body.metadata.managedFields, got);
  }

  #resetFields(object: KubeObject, subresource: string | undefined): string[][] {
    if (subresource === 'status') return [['spec']];
    if (subresource !== undefined) return [];
    const kind = builtinKinds().find((candidate) => candidate.kind === object.kind);
    const hasStatus = kind?.hasStatus ?? this.#hasStatus.get(`${object.apiVersion}/${object.kind}`) ?? false;
    return hasStatus ? [['status']] : [];
  }

  #compare(step: string, want: ManagedFieldsEntry[] | undefined, got: ManagedFieldsEntry[] | undefined): void {
    this.outcomes.push({ step, want: sorted(want), got: sorted(got) });
  }
}

function sorted(entries: ManagedFieldsEntry[] | undefined): unknown {
  const key = (entry: ManagedFieldsEntry) =>
    JSON.stringify([entry.operation, entry.manager, entry.apiVersion, entry.subresource]);
  return entries && [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function sortLines(message: string | undefined): string {
  return (message ?? '').split('\n').sort().join('\n');
}

function withoutManaged(object: KubeObject): KubeObject {
  const { managedFields: _, generation: __, resourceVersion: ___, ...metadata } = object.metadata;
  return { ...object, metadata } as KubeObject;
}

/** Where `part` says something that `whole` does not; lists must have the same order. */
function differences(part: unknown, whole: unknown, path: string): string[] {
  if (typeof part !== 'object' || part === null) return deepEqual(part, whole) || part === null ? [] : [path];
  if (Array.isArray(part)) {
    if (!Array.isArray(whole) || whole.length !== part.length) return [path];
    return part.flatMap((item, index) => differences(item, whole[index], `${path}[${index}]`));
  }
  return Object.entries(part).flatMap(([key, value]) =>
    differences(value, (whole as Record<string, unknown> | undefined)?.[key], `${path}.${key}`),
  );
}

/** Every recorded apply and update of one scenario, each compared with what the real server answered. */
function replay(name: string): Outcome[] {
  const { steps } = JSON.parse(
    // Angle brackets of placeholders would be escaped inside path elements; real values have none.
    readFileSync(new URL(`${name}.json`, folder), 'utf8').replace(/<([a-zA-Z]+):(\d+)>/g, '$1-$2'),
  ) as { steps: Step[] };
  const run = new Replay(name);
  for (const step of steps) run.step(step);
  return run.outcomes;
}

const names = existsSync(folder)
  ? readdirSync(folder)
      .filter((file) => !/^(kubectl|ctl)-/.test(file))
      .map((file) => file.slice(0, -5))
  : [];

/** Steps that these pure functions cannot reproduce alone, with what is missing. */
const needsServer: Record<string, string> = {
  'crd-defaulting#17': 'defaulting when an object is read from the store',
  'crd-update#14': 'the status that the server writes on its own in between',
  'partial-metadata#7': 'the answer is only the metadata of the object',
  'scale-subresource#8': 'the Scale of a Deployment; see scale.test.ts',
  'scale-subresource#9': 'the Scale of a Deployment; see scale.test.ts',
  'secret-stringdata#6 object': 'stringData moves into data',
  'secret-stringdata#7 object': 'stringData moves into data',
  'ssa-conflict-update-manager#14 object': 'the endpoint puts the stored status back',
  'ssa-csa-migration#8': 'a JSON patch inside managedFields',
  'ssa-many-kinds#15 object': 'admission adds volumes to the pod',
  'ssa-many-kinds#21 object': 'stringData moves into data',
  'ssa-multi-version#3': 'conversion of HorizontalPodAutoscalers',
  'ssa-multi-version#4': 'conversion of HorizontalPodAutoscalers',
};

describe('recorded requests', () => {
  test.for(names)('%s: owners, objects and conflicts are those of the real server', (name) => {
    const outcomes = replay(name).filter(
      ({ step }) => !Object.keys(needsServer).some((known) => step.startsWith(known)),
    );

    for (const { step, want, got } of outcomes) expect(got, step).toEqual(want);
  });

  test('the recordings hold hundreds of steps to compare', () => {
    expect(names.flatMap(replay).length).toBeGreaterThan(400);
  });
});
