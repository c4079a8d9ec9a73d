import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { isUpToDate } from './up-to-date.ts';

function source(lastHandledReconcileAt: string, revision: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'flux-system', namespace: 'flux-system' },
    spec: {},
    status: { lastHandledReconcileAt, artifact: { revision } },
  };
}

function applier(lastAppliedRevision: string): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'flux-system', namespace: 'flux-system', generation: 1 },
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
    status: {
      lastAppliedRevision,
      conditions: [{ type: 'Ready', status: 'True', reason: '', message: '', lastTransitionTime: '' }],
    },
  };
}

test('an answer to an earlier start does not count', () => {
  expect(isUpToDate([source('then', 'main@sha1:1'), applier('main@sha1:1')], 'now')).toBe(false);
});

test('a Kustomization that is Ready for an older revision is not up to date', () => {
  expect(isUpToDate([source('now', 'main@sha1:2'), applier('main@sha1:1')], 'now')).toBe(false);
  expect(isUpToDate([source('now', 'main@sha1:2'), applier('main@sha1:2')], 'now')).toBe(true);
});
