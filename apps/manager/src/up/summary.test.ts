import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { stateOf } from './object-state.ts';
import { formatReasons, formatSummary } from './summary.ts';

function kustomization(name: string, ready: string, message: string, more: Partial<KubeObject> = {}): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system', generation: 1 },
    spec: {},
    status: {
      conditions: [
        { type: 'Ready', status: ready, reason: 'X', message, lastTransitionTime: '', observedGeneration: 1 },
      ],
      lastAppliedRevision: 'main@sha1:0123456789012345678901234567890123456789',
    },
    ...more,
  };
}

test('the table has a row for each object with a short revision', () => {
  expect(formatSummary([kustomization('apps', 'True', 'Applied revision: main')])).toBe(
    [
      'KIND           NAME              READY  REVISION            MESSAGE',
      'Kustomization  flux-system/apps  True   main@sha1:01234567  Applied revision: main',
    ].join('\n'),
  );
});

test('only objects that are not ready are named as reasons', () => {
  const objects = [kustomization('a', 'True', 'fine'), kustomization('b', 'False', 'kustomize build failed: x\n')];

  expect(formatReasons(objects)).toEqual(['Kustomization/flux-system/b: kustomize build failed: x']);
});

test('a Ready of an older generation does not count', () => {
  const object = kustomization('a', 'True', 'fine');
  object.metadata.generation = 2;

  expect(stateOf(object)).toBe('working');
});
