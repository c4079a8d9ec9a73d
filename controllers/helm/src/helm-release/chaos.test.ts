import { packChart, serveCharts, startEmbeddedCluster } from '@flux/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  demoChart,
  demoRelease,
  type HelmWorld,
  isReadyNow,
  isStalled,
  releaseRef,
  startHelmWorld,
} from './testing/helm-world.ts';

let world: HelmWorld;

beforeAll(async () => {
  world = await startHelmWorld({ startEmbeddedCluster, serveCharts, packChart });
  await world.publish(demoChart('1.0.0'));
});

afterAll(() => world?.[Symbol.asyncDispose]());

const message = async (namespace: string) =>
  (await world.cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' }))['data'].message;

/** Counts down from a fixed seed, so that a failure can be seen again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Enough for every write of the action to be the last one once. */
const killPoints = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12];

test.each(killPoints)('an install that is killed after %i writes ends Ready', async (writes) => {
  const namespace = await world.namespace();
  await world.restart({ writes });
  await world.cluster.create(demoRelease(namespace, { values: { message: 'one' } }));
  await Promise.race([world.lost(), world.until(namespace, 'demo', isReadyNow)]);

  await world.restart();

  await world.until(namespace, 'demo', isReadyNow);
  expect(await message(namespace)).toBe('one');
});

test.each(killPoints)('an upgrade that is killed after %i writes ends Ready', async (writes) => {
  const namespace = await world.namespace();
  await world.restart();
  await world.cluster.create(demoRelease(namespace, { values: { message: 'one' } }));
  await world.until(namespace, 'demo', isReadyNow);
  await world.restart({ writes });
  await world.cluster.patch(releaseRef(namespace), 'merge', { spec: { values: { message: 'two' } } });
  await Promise.race([
    world.lost(),
    world.until(namespace, 'demo', (object) => isReadyNow(object) && object.metadata.generation === 2),
  ]);

  await world.restart();

  await world.until(namespace, 'demo', (object) => isReadyNow(object) && object.metadata.generation === 2);
  expect(await message(namespace)).toBe('two');
});

test.each([4, 7, 9, 11, 13])(
  'a rollback that is killed after %i writes ends Ready once the spec is mended',
  async (writes) => {
    const namespace = await world.namespace();
    await world.restart();
    const upgrade = { timeout: '500ms', remediation: { retries: 0, remediateLastFailure: true } };
    await world.cluster.create(demoRelease(namespace, { upgrade }));
    await world.until(namespace, 'demo', isReadyNow);
    await world.restart({ writes });
    await world.cluster.patch(releaseRef(namespace), 'merge', { spec: { values: { nodeSelector: { none: 'true' } } } });
    await Promise.race([world.lost(), world.until(namespace, 'demo', isStalled)]);

    await world.restart();
    await world.cluster.patch(releaseRef(namespace), 'merge', {
      spec: { upgrade: { timeout: '60s' }, values: { nodeSelector: null, message: 'mended' } },
    });

    await world.until(namespace, 'demo', isReadyNow);
    expect(await message(namespace)).toBe('mended');
  },
);

test.each([1, 2, 3, 4, 5, 6])('an uninstall that is killed after %i writes is finished later', async (writes) => {
  const namespace = await world.namespace();
  await world.restart();
  await world.cluster.create(demoRelease(namespace));
  await world.until(namespace, 'demo', isReadyNow);
  await world.restart({ writes });
  await world.cluster.delete(releaseRef(namespace));
  const isGone = () =>
    world.watches.waitFor(releaseRef(namespace), (object) => object === undefined, AbortSignal.timeout(60_000));
  await Promise.race([world.lost(), isGone()]);

  await world.restart();

  await isGone();
  expect(
    await world.cluster.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'demo-config' }),
  ).toBeUndefined();
});

test.each([6, 7, 8, 9, 10, 11])(
  'a remediation of an install that is killed after %i writes ends Ready',
  async (writes) => {
    const namespace = await world.namespace();
    await world.restart({ writes });
    const install = { timeout: '300ms', remediation: { retries: 5 } };
    await world.cluster.create(demoRelease(namespace, { install, values: { nodeSelector: { none: 'true' } } }));
    await world.lost();

    await world.restart();
    await world.cluster.patch(releaseRef(namespace), 'merge', {
      spec: { install: { timeout: '60s' }, values: { nodeSelector: null, message: 'mended' } },
    });

    await world.until(namespace, 'demo', (object) => isReadyNow(object) && object.metadata.generation === 2);
    expect(await message(namespace)).toBe('mended');
  },
);

test('conflicts at every fifth write only delay a release', async () => {
  const namespace = await world.namespace();
  const next = random(7);
  await world.restart({ conflicts: () => next() < 1 / 5 });
  const install = { remediation: { retries: -1 } };
  await world.cluster.create(demoRelease(namespace, { install, upgrade: install, values: { message: 'one' } }));
  await world.until(namespace, 'demo', isReadyNow);

  await world.cluster.patch(releaseRef(namespace), 'merge', { spec: { values: { message: 'two' } } });

  await world.until(namespace, 'demo', (object) => isReadyNow(object) && object.metadata.generation === 2);
  expect(await message(namespace)).toBe('two');
});
