import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { parseStageKinds, sortForApply, splitIntoStages } from './order.ts';

function object(kind: string, name: string, apiVersion = 'v1', namespace = 'n'): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace } };
}

const names = (objects: readonly KubeObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);

test('kinds are ranked, then groups, kinds, namespaces and names (KUS-APPLY-06)', () => {
  const objects = [
    object('ValidatingWebhookConfiguration', 'w', 'admissionregistration.k8s.io/v1'),
    object('Foo', 'b', 'x.io/v1'),
    object('Deployment', 'd', 'apps/v1'),
    object('ConfigMap', 'b'),
    object('ConfigMap', 'a', 'v1', 'o'),
    object('Foo', 'a', 'a.io/v1'),
    object('Namespace', 'n'),
  ];

  expect(names(sortForApply(objects))).toEqual([
    'Namespace/n',
    'ConfigMap/b',
    'ConfigMap/a',
    'Deployment/d',
    'Foo/a',
    'Foo/b',
    'ValidatingWebhookConfiguration/w',
  ]);
});

test('definitions, classes and custom kinds have stages of their own (KUS-APPLY-04)', () => {
  const stages = splitIntoStages(
    [
      object('Foo', 'f', 'x.io/v1'),
      object('ClusterRoleBinding', 'b', 'rbac.authorization.k8s.io/v1'),
      object('ClusterRole', 'r', 'rbac.authorization.k8s.io/v1'),
      object('WidgetClass', 'c', 'x.io/v1'),
      object('Namespace', 'n'),
      object('Namespace', 'other', 'x.io/v1'),
    ],
    parseStageKinds(' x.io/Foo, Secret'),
  );

  expect(stages.map(({ objects, waits }) => [waits, ...names(objects)])).toEqual([
    [true, 'ClusterRole/r', 'Namespace/n'],
    [true, 'WidgetClass/c'],
    [false, 'Foo/f'],
    [false, 'ClusterRoleBinding/b', 'Namespace/other'],
  ]);
});
