import type { HelmRelease } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import type { ObjectView } from '@flux/runtime';
import { expect, test } from 'vitest';
import { indexes, keysForDependency, keysForSource } from './fan-out.ts';

const ready = [{ type: 'Ready', status: 'True' }];
const chart = (revision: string): KubeObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'HelmChart',
  metadata: { name: 'ns-demo', namespace: 'ns', generation: 1 },
  status: { observedGeneration: 1, conditions: ready, artifact: { revision } },
});
const release = (name: string, spec: object = {}, status: object = {}): HelmRelease =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: 'ns', generation: 1 },
    spec: { chart: { spec: { chart: 'demo', sourceRef: { kind: 'HelmRepository', name: 'charts' } } }, ...spec },
    status,
  }) as HelmRelease;

function viewOf(...objects: HelmRelease[]): ObjectView<HelmRelease> {
  const byIndex = (index: string, value: string) =>
    objects.filter((object) => indexes[index as keyof typeof indexes](object).includes(value));
  return { byIndex } as unknown as ObjectView<HelmRelease>;
}

const change = (before: KubeObject | undefined, after: KubeObject) =>
  ({
    type: before ? 'updated' : 'added',
    ...(before ? { before } : {}),
    after,
    object: after,
    initial: false,
  }) as const;

test('a new revision of a chart queues its release, also before the status names the chart (HELM-FLOW-15)', () => {
  const { status: _, ...fresh } = chart('1.0.0');

  expect(keysForSource(change(fresh as KubeObject, chart('1.0.0')), viewOf(release('demo')), new Map())).toEqual([
    'ns/demo',
  ]);
});

test('a release that has the revision is left alone, and so is one that is getting it', () => {
  const settled = release('demo', {}, { observedGeneration: 1, conditions: ready, lastAttemptedRevision: '2.0.0' });
  const attempts = new Map([['ns/demo', { revision: '2.0.0', hasDependencies: true }]]);
  const news = change(chart('1.0.0'), chart('2.0.0'));

  expect(keysForSource(news, viewOf(settled), new Map())).toEqual([]);
  expect(keysForSource(news, viewOf(release('demo')), attempts)).toEqual([]);
});

test('what a killed process said it was doing holds nothing up', () => {
  const conditions = [{ type: 'Reconciling', status: 'True', reason: 'Progressing' }];
  const killed = release('demo', {}, { conditions, lastAttemptedRevision: '2.0.0' });

  expect(keysForSource(change(chart('1.0.0'), chart('2.0.0')), viewOf(killed), new Map())).toEqual(['ns/demo']);
});

test('a dependency that became ready wakes those that wait for it', () => {
  const dependsOn = [{ name: 'first' }];
  const waiting = release(
    'second',
    { dependsOn },
    { conditions: [{ type: 'Ready', status: 'False', reason: 'DependencyNotReady' }] },
  );
  const first = release('first', {}, { observedGeneration: 1, conditions: ready });

  expect(keysForDependency(change(release('first'), first), viewOf(waiting), new Map())).toEqual(['ns/second']);
});
