import type { Cluster } from '@flux/client';
import { type ReleaseCluster, type ReleaseContext, rollbackRelease, uninstallRelease, unlockRelease } from '@flux/helm';
import { type EmbeddedCluster, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configMap, hookMap, install, releaseContext, upgrade } from './testing/release-world.ts';

let embedded: EmbeddedCluster;
let namespaces = 0;

beforeAll(async () => {
  embedded = await startEmbeddedCluster();
});
afterAll(() => embedded.close());

class Killed extends Error {}

/** A cluster that dies with its `count`-th write, `before` it reached the server or right `after`, and answers nothing from then on. */
function dyingCluster(cluster: Cluster, count: number, moment: 'before' | 'after') {
  let writes = 0;
  const state = { isDead: false };
  const alive = () => {
    if (state.isDead) throw new Killed('killed');
  };
  const write = async <T>(request: () => Promise<T>): Promise<T> => {
    alive();
    writes += 1;
    if (writes !== count) return request();
    if (moment === 'before') {
      state.isDead = true;
      throw new Killed('killed');
    }
    await request();
    state.isDead = true;
    throw new Killed('killed');
  };
  const read = async <T>(request: () => Promise<T>): Promise<T> => {
    alive();
    return request();
  };
  const through: ReleaseCluster = {
    get: (...args) => read(() => cluster.get(...args)),
    find: (...args) => read(() => cluster.find(...args)),
    list: (...args) => read(() => cluster.list(...args)),
    mapping: (...args) => read(() => cluster.mapping(...args)),
    mappings: () => read(() => cluster.mappings()),
    invalidate: () => cluster.invalidate(),
    create: (...args) => write(() => cluster.create(...args)),
    update: (...args) => write(() => cluster.update(...args)),
    patch: (...args) => write(() => cluster.patch(...args)),
    apply: (...args) => write(() => cluster.apply(...args)),
    delete: (...args) => write(() => cluster.delete(...args)),
  };
  return { through, state };
}

const everyEvent =
  'pre-install,post-install,pre-upgrade,post-upgrade,pre-rollback,post-rollback,pre-delete,post-delete';
const hooks = [
  hookMap('hook-1', everyEvent, { 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' }),
  hookMap('hook-2', everyEvent, { 'helm.sh/hook-weight': '1' }),
];
const first = [configMap('a', '1'), configMap('b', '1'), ...hooks];
const second = [configMap('b', '2'), configMap('c', '2'), ...hooks];
const last = [configMap('b', '3'), configMap('d', '3'), ...hooks];

interface Scenario {
  prepare(context: ReleaseContext, namespace: string): Promise<unknown>;
  act(context: ReleaseContext, namespace: string): Promise<unknown>;
}

const csa = { serverSideApply: false } as const;
const timeoutMs = 60_000;

const scenarios: Record<string, Scenario> = {
  install: {
    prepare: async () => {},
    act: (context, namespace) => install(context, namespace, { documents: first }),
  },
  'client-side install over objects that exist': {
    prepare: (_, namespace) =>
      embedded.cluster.create({ ...JSON.parse(first[0]!), metadata: { name: 'a', namespace } }),
    act: (context, namespace) =>
      install(context, namespace, { documents: first, options: { ...csa, takeOwnership: true } }),
  },
  upgrade: {
    prepare: (context, namespace) => install(context, namespace, { documents: first }),
    act: (context) => upgrade(context, { documents: second, options: { maxHistory: 2 } }),
  },
  'client-side upgrade': {
    prepare: (context, namespace) => install(context, namespace, { documents: first, options: csa }),
    act: (context) => upgrade(context, { documents: second, options: csa }),
  },
  'upgrade to server-side apply': {
    prepare: (context, namespace) => install(context, namespace, { documents: first, options: csa }),
    act: (context) => upgrade(context, { documents: second, options: { serverSideApply: true } }),
  },
  rollback: {
    prepare: async (context, namespace) => {
      await install(context, namespace, { documents: first });
      await upgrade(context, { documents: second });
    },
    act: (context) => rollbackRelease(context, { name: 'app', timeoutMs }),
  },
  uninstall: {
    prepare: async (context, namespace) => {
      await install(context, namespace, { documents: first });
      await upgrade(context, { documents: second });
    },
    act: (context) => uninstallRelease(context, { name: 'app', timeoutMs }),
  },
  'uninstall that keeps the history': {
    prepare: async (context, namespace) => {
      await install(context, namespace, { documents: first });
      await upgrade(context, { documents: second });
    },
    act: (context) => uninstallRelease(context, { name: 'app', timeoutMs, keepHistory: true }),
  },
};

/** Answers whether the action got to its end. */
async function killAndRecover(scenario: Scenario, count: number, moment: 'before' | 'after'): Promise<boolean> {
  const { cluster } = embedded;
  const namespace = `killed-${++namespaces}`;
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await scenario.prepare(releaseContext(cluster, namespace), namespace);
  const { through, state } = dyingCluster(cluster, count, moment);
  const outcome = scenario.act(releaseContext(cluster, namespace, { through }), namespace);
  const error = await outcome.then(
    () => undefined,
    (failure: unknown) => failure,
  );

  const context = releaseContext(cluster, namespace);
  await unlockRelease(context, { name: 'app', uninstalling: true });
  const release = await context.storage.last('app');
  if (!release || release.info.status === 'uninstalled') {
    await install(context, namespace, { documents: last, options: { replace: true, takeOwnership: true } });
  } else {
    await upgrade(context, { documents: last, options: { takeOwnership: true } });
  }

  const history = await context.storage.history('app');
  const deployed = history.filter(({ info }) => info.status === 'deployed');
  expect(deployed.map(({ version }) => version)).toEqual([history.at(-1)!.version]);
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace });
  const found = items.filter(({ metadata }) => /^[a-d]$/.test(metadata.name));
  const values = Object.fromEntries(found.map(({ metadata, data }) => [metadata.name, data.key]));
  expect(values).toMatchObject({ b: '3', d: '3' });
  if (!state.isDead) expect(error).toBeUndefined();
  return !state.isDead;
}

describe.each(Object.keys(scenarios))('a killed %s', (name) => {
  test.each(['before', 'after'] as const)(
    '%s any of its writes is repaired by unlocking and releasing again',
    async (moment) => {
      let count = 1;
      while (!(await killAndRecover(scenarios[name]!, count, moment))) count += 1;

      expect(count).toBeGreaterThan(5);
    },
    120_000,
  );
});
