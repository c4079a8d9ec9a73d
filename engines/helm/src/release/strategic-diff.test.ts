import { applyStrategicMergePatch, type JsonObject } from '@flux/apimachinery';
import { builtinSchema, mergeSchema } from '@flux/builtin';
import { expect, test } from 'vitest';
import { threeWayStrategicPatch } from './strategic-diff.ts';

const deployment = { group: 'apps', version: 'v1', kind: 'Deployment' };

function withPod(spec: JsonObject, rest: JsonObject = {}): JsonObject {
  return { spec: { template: { spec }, ...rest } };
}

function patchOf(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  return threeWayStrategicPatch({ original, modified, current }, mergeSchema(deployment)!);
}

/** What the server makes of the patch. */
function result(original: JsonObject, modified: JsonObject, current: JsonObject): unknown {
  return applyStrategicMergePatch(current, patchOf(original, modified, current), builtinSchema(deployment)!);
}

test('what only the cluster has is not touched', () => {
  const manifest = withPod({ containers: [{ name: 'a', image: 'x' }] });
  const live = withPod(
    {
      containers: [{ name: 'a', image: 'x', terminationMessagePath: '/dev' }],
      volumes: [{ name: 'v' }],
    },
    { replicas: 3 },
  );

  expect(patchOf(manifest, manifest, live)).toEqual({});
});

test('lists with a merge key change by entry, and keep the order of the new manifest', () => {
  const original = withPod({
    containers: [
      { name: 'a', image: '1' },
      { name: 'b', image: '1' },
    ],
  });
  const modified = withPod({
    containers: [
      { name: 'c', image: '1' },
      { name: 'a', image: '2' },
    ],
  });
  const current = withPod({ containers: [{ name: 'sidecar' }, { name: 'a', image: '1' }, { name: 'b', image: '1' }] });

  expect(patchOf(original, modified, current)).toEqual({
    spec: {
      template: {
        spec: {
          '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
          containers: [
            { name: 'c', image: '1' },
            { name: 'a', image: '2' },
            { name: 'b', $patch: 'delete' },
          ],
        },
      },
    },
  });
  expect(result(original, modified, current)).toEqual(
    withPod({ containers: [{ name: 'c', image: '1' }, { name: 'sidecar' }, { name: 'a', image: '2' }] }),
  );
});

test('fields go when the manifest drops them, drift in what it has is undone', () => {
  const original = withPod(
    { containers: [{ name: 'a', image: '1', env: [{ name: 'A', value: '1' }] }] },
    { paused: true },
  );
  const modified = withPod({ containers: [{ name: 'a', image: '1' }] });
  const current = withPod(
    {
      containers: [
        {
          name: 'a',
          image: 'drift',
          env: [
            { name: 'A', value: '2' },
            { name: 'MINE', value: '1' },
          ],
        },
      ],
    },
    { paused: true },
  );

  expect(result(original, modified, current)).toEqual(withPod({ containers: [{ name: 'a', image: '1' }] }));
});

test('a union drops the fields of its former member', () => {
  const original = { spec: { strategy: { type: 'RollingUpdate' } } };
  const modified = { spec: { strategy: { type: 'Recreate' } } };
  const current = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } } } };

  expect(patchOf(original, modified, current)).toEqual({
    spec: { strategy: { type: 'Recreate', $retainKeys: ['type'] } },
  });
  expect(result(original, modified, current)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
});

test('lists of plain values that merge drop what the manifest dropped and keep what others added', () => {
  const original = { metadata: { finalizers: ['b', 'a'] } };
  const modified = { metadata: { finalizers: ['c', 'b'] } };
  const current = { metadata: { finalizers: ['a', 'b', 'theirs'] } };

  expect(patchOf(original, modified, current)).toEqual({
    metadata: {
      '$deleteFromPrimitiveList/finalizers': ['a'],
      '$setElementOrder/finalizers': ['c', 'b'],
      finalizers: ['c'],
    },
  });
});

test('ports of one number and two protocols stay two', () => {
  const ports = [
    { containerPort: 53, protocol: 'TCP' },
    { containerPort: 53, protocol: 'UDP' },
  ];
  const manifest = withPod({ containers: [{ name: 'dns', ports }] });

  expect(patchOf(manifest, manifest, manifest)).toEqual({});
});

test('an entry without its merge key is an error that shows it', () => {
  const manifest = withPod({ containers: [{ image: 'x' }] });

  expect(() => patchOf(manifest, manifest, manifest)).toThrow(
    'map: {"image":"x"} does not contain declared merge key: name',
  );
});
