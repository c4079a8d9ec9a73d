import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { applyCustomResourceDefinitions, type CrdPolicy, testRelease, uninstallRelease } from '@flux/helm';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { configMap, failureOf, hookMap, install, releaseContext, upgrade } from './testing/release-world.ts';

let embedded: EmbeddedCluster;
let cluster: Cluster;
let namespace = '';
let namespaces = 0;
let context: ReturnType<typeof releaseContext>;
const closing = new AbortController();
/** Names of Jobs in the order in which they were created. */
let started: string[] = [];

beforeAll(async () => {
  embedded = await startEmbeddedCluster({ workloads: false });
  cluster = embedded.cluster;
  void finishJobs();
});
afterAll(async () => {
  closing.abort();
  await embedded.close();
});

beforeEach(async () => {
  namespace = `hooks-${++namespaces}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  await cluster.apply(account, { fieldManager: 'test' });
  context = releaseContext(cluster, namespace);
  started = [];
});

/** Plays the Job controller: Jobs fail when their name says so. */
async function finishJobs(): Promise<void> {
  const kind = { apiVersion: 'batch/v1', kind: 'Job' };
  try {
    for await (const event of cluster.watch(kind, { signal: closing.signal })) {
      if (event.type === 'ADDED') await finishJob(event.object);
    }
  } catch (error) {
    if (!closing.signal.aborted) throw error;
  }
}

async function finishJob({ apiVersion, kind, metadata: { name, namespace: place = '' } }: KubeObject): Promise<void> {
  started.push(name);
  const type = name.startsWith('bad') ? 'Failed' : 'Complete';
  const now = '2026-01-01T00:00:00Z';
  const condition = { type, status: 'True', reason: 'Test', message: '', lastProbeTime: now, lastTransitionTime: now };
  const status = { startTime: now, conditions: [condition] };
  await cluster.patch({ apiVersion, kind, namespace: place, name }, 'merge', { status }, { subresource: 'status' });
}

function job(name: string, events: string, annotations: Record<string, string> = {}): string {
  const containers = [{ name: 'task', image: 'task' }];
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, annotations: { 'helm.sh/hook': events, ...annotations } },
    spec: { template: { spec: { restartPolicy: 'Never', containers } } },
  });
}

const find = (name: string, kind = 'Job', apiVersion = 'batch/v1') =>
  cluster.find({ apiVersion, kind, namespace, name });
const policy = (value: string) => ({ 'helm.sh/hook-delete-policy': value });
const weight = (value: number) => ({ 'helm.sh/hook-weight': String(value) });

describe('hooks', () => {
  test('run by weight and name, each after the one before is done (HELM-HOOK-02, HELM-HOOK-03)', async () => {
    const documents = [
      job('c', 'pre-install', weight(1)),
      job('b', 'pre-install'),
      job('a', 'pre-install'),
      job('first', 'pre-install', weight(-1)),
      job('after', 'post-install'),
    ];

    const release = await install(context, namespace, { documents });

    expect(started).toEqual(['first', 'a', 'b', 'c', 'after']);
    expect(release.hooks.map(({ last_run }) => last_run.phase)).toEqual(Array(5).fill('Succeeded'));
    expect(context.writes.slice(0, 2)).toEqual(['create v1 pending-install', 'update v1 pending-install']);
    expect((await find('a'))?.metadata.labels?.['app.kubernetes.io/managed-by']).toBeUndefined();
  });

  test('end the action when one fails, and say which (HELM-HOOK-03, HELM-HOOK-06)', async () => {
    const documents = [
      configMap('a', '1'),
      job('fine', 'pre-install', policy('hook-succeeded')),
      job('bad', 'pre-install', { ...weight(1), ...policy('hook-failed') }),
      job('never', 'pre-install', weight(2)),
    ];

    const message = await failureOf(install(context, namespace, { documents }));

    expect(message).toBe(
      `failed pre-install: failed early due to stalled resources: [Job/${namespace}/bad status: 'Failed']`,
    );
    expect(started).toEqual(['fine', 'bad']);
    expect([await find('fine'), await find('bad'), await find('a', 'ConfigMap', 'v1')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const stored = await context.storage.get('app', 1);
    expect(stored.info).toMatchObject({ status: 'failed', description: `Release "app" failed: ${message}` });
    expect(stored.hooks.map(({ name, last_run }) => `${name} ${last_run.phase}`)).toEqual([
      'fine Succeeded',
      'bad Failed',
      'never ',
    ]);
  });

  test('say so when they cannot be created', async () => {
    const hook = JSON.stringify({ ...JSON.parse(hookMap('a', 'pre-upgrade')), unknown: 1 });
    await install(context, namespace, { documents: [] });

    const message = await failureOf(upgrade(context, { documents: [hook] }));

    expect(message).toMatch(
      `pre-upgrade hooks failed: warning: Hook pre-upgrade app/templates/all.yaml failed: server-side apply failed for object ${namespace}/a /v1, Kind=ConfigMap: `,
    );
  });

  test('replace the run before by default and stay after theirs (HELM-HOOK-03)', async () => {
    const documents = [job('task', 'pre-install,pre-upgrade')];
    await install(context, namespace, { documents });
    const before = (await find('task'))!.metadata.uid;

    await upgrade(context, { documents });

    const after = (await find('task'))!.metadata.uid;
    expect(after).not.toBe(before);
    expect(started).toEqual(['task', 'task']);
  });

  test('are skipped when they are disabled, and no part of the release (HELM-HOOK-05)', async () => {
    const documents = [configMap('a', '1'), job('task', 'pre-install,pre-delete')];
    const release = await install(context, namespace, { documents, options: { disableHooks: true } });

    expect(started).toEqual([]);
    expect(release.manifest).not.toContain('task');
    await uninstallRelease(context, { name: 'app', timeoutMs: 60_000 });
    expect(started).toEqual(['task']);
    expect(await find('task')).toBeDefined();
  });

  test('of tests are chosen by filters and recorded with those left out (HELM-REL-07)', async () => {
    const documents = [job('one', 'test'), job('two', 'test-success'), job('bad', 'test')];
    await install(context, namespace, { documents });
    const filters = [{ name: 'bad', exclude: true }, { name: 'two' }];

    const tested = await testRelease(context, { name: 'app', timeoutMs: 60_000, filters });

    expect(started).toEqual(['two']);
    expect(tested.hooks.map(({ name, last_run }) => `${name} ${last_run.phase}`)).toEqual([
      'one ',
      'bad ',
      'two Succeeded',
    ]);
    const message = await failureOf(testRelease(context, { name: 'app', timeoutMs: 60_000 }));
    expect(message).toBe(`failed early due to stalled resources: [Job/${namespace}/bad status: 'Failed']`);
    const stored = await context.storage.get('app', 1);
    expect(stored.hooks.map(({ name }) => name).toSorted()).toEqual(['bad', 'one', 'two']);
    expect(stored.info.status).toBe('deployed');
  });

  test('hand their logs over as their policy says (HELM-HOOK-04)', async () => {
    const logs: string[] = [];
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'task-1', namespace, labels: { 'job-name': 'task' } },
      spec: { containers: [{ name: 'main', image: 'x' }] },
    };
    await cluster.create<KubeObject>(pod);
    const documents = [job('task', 'post-install', { 'helm.sh/hook-output-log-policy': 'hook-succeeded' })];

    await install(
      {
        ...context,
        podLogs: async ({ metadata }, container) => `text of ${metadata.name}/${container}`,
        onHookLog: ({ pod: name, container }, text) => void logs.push(`${name} ${container} ${text}`),
      },
      namespace,
      { documents },
    );

    expect(logs).toEqual(['task-1 main text of task-1/main']);
  });

  test('wait by the rules of Helm 3 with the legacy strategy', async () => {
    const options = { waitStrategy: 'legacy' as const };
    await install(context, namespace, { documents: [job('task', 'pre-install')], options });

    expect(await failureOf(upgrade(context, { documents: [job('bad', 'pre-upgrade')], options }))).toBe(
      'pre-upgrade hooks failed: job bad failed: Test',
    );
  });

  test('are waited for also where objects and their deletion are not (HELM-WAIT-01)', async () => {
    const options = { waitStrategy: 'hook-only' as const };
    const held = JSON.stringify({
      ...JSON.parse(configMap('a', '1')),
      metadata: { name: 'a', finalizers: ['x.io/y'] },
    });
    const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', image: 'x' }] } };
    const spec = { selector: { matchLabels: { app: 'x' } }, template };
    const never = JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'never' }, spec });

    await install(context, namespace, { documents: [held, never], options });
    expect(await failureOf(upgrade(context, { documents: [held, never, job('bad', 'post-upgrade')], options }))).toBe(
      `post-upgrade hooks failed: failed early due to stalled resources: [Job/${namespace}/bad status: 'Failed']`,
    );
    await uninstallRelease(context, { name: 'app', timeoutMs: 60_000, ...options });
    expect(await find('a', 'ConfigMap', 'v1')).toBeDefined();
  });

  test('end at once when the action is aborted, and leave a release that can go on', async () => {
    const stop = new AbortController();
    const pod = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p', annotations: { 'helm.sh/hook': 'pre-install' } },
      spec: { containers: [{ name: 'main', image: 'x' }] },
    });
    const aborting = { ...context, signal: stop.signal };
    const action = install(aborting, namespace, { documents: [pod], options: { timeoutMs: 60_000 } });
    for await (const event of cluster.watch({ apiVersion: 'v1', kind: 'Pod' }, { namespace })) {
      if (event.type === 'ADDED') break;
    }

    stop.abort(new Error('shutting down'));

    expect(await failureOf(action)).toMatch(/^failed pre-install: .*shutting down$/);
    expect((await context.storage.last('app'))?.info.status).toBe('failed');
  });
});

describe('custom resource definitions', () => {
  function definition(plural: string, version: string, labels: Record<string, string> = {}): KubeObject {
    const kind = plural[0]!.toUpperCase() + plural.slice(1, -1);
    const schema = { openAPIV3Schema: { type: 'object' } };
    return {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.example.com`, labels },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind, plural, singular: plural.slice(0, -1), listKind: `${kind}List` },
        versions: [{ name: version, served: true, storage: true, schema }],
      },
    };
  }

  const apply = (plural: string, chosen: CrdPolicy, serverSideApply: boolean, labels = {}) => {
    const documents = [
      definition(plural, 'v1', labels),
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
    ];
    const text = documents.map((document) => JSON.stringify(document)).join('\n---\n');
    const files = [{ name: 'crds/all.yaml', data: Buffer.from(text) }];
    return applyCustomResourceDefinitions(context, {
      files,
      policy: chosen,
      serverSideApply,
      namespace,
      labels: { 'helm.toolkit.fluxcd.io/name': 'app' },
    });
  };
  const labelsOf = async (plural: string) =>
    (await find(`${plural}.example.com`, 'CustomResourceDefinition', 'apiextensions.k8s.io/v1'))?.metadata.labels;

  test('are created with labels and waited for, other kinds left out with a warning (HELM-REL-09)', async () => {
    const warnings: unknown[] = [];
    context.log = (message, details) => void warnings.push([message, details]);

    await apply('apples', 'Create', true);

    expect(await labelsOf('apples')).toEqual({ 'helm.toolkit.fluxcd.io/name': 'app' });
    expect((await cluster.mapping({ apiVersion: 'example.com/v1', kind: 'Apple' })).resource).toBe('apples');
    expect(warnings[0]).toEqual([
      "ignoring non-CRD resources found in the chart's crds/ directory",
      { nonCRDs: [`/ConfigMap/${namespace}/x`] },
    ]);
    await apply('pears', 'Skip', true);
    expect(await labelsOf('pears')).toBeUndefined();
  });

  test('that exist are left alone by a client-side Create, and changed by everything else (HELM-REL-09)', async () => {
    const own = { 'helm.toolkit.fluxcd.io/name': 'app' };
    await apply('plums', 'Create', false);
    await apply('plums', 'Create', false, { round: '1' });
    expect(await labelsOf('plums')).toEqual(own);

    await apply('plums', 'CreateReplace', false, { round: '2' });
    expect(await labelsOf('plums')).toEqual({ ...own, round: '2' });
    await apply('plums', 'Create', true, { round: '3' });
    expect(await labelsOf('plums')).toEqual({ ...own, round: '3' });
    await apply('plums', 'CreateReplace', true, { round: '4' });
    expect(await labelsOf('plums')).toEqual({ ...own, round: '4' });
  });

  test('that do not parse are named by their file', async () => {
    const files = [{ name: 'crds/bad.yaml', data: Buffer.from('a: [') }];
    const action = applyCustomResourceDefinitions(context, {
      files,
      policy: 'Create',
      serverSideApply: true,
      namespace,
    });

    expect(await failureOf(action)).toMatch(/^failed to parse CustomResourceDefinitions from crds\/bad.yaml: /);
  });
});
