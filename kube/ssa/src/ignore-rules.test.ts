import type { KubeObject } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { compileIgnoreRules, withoutIgnoredFields, withSettledIgnoredFields } from './ignore-rules.ts';

function deployment(replicas: number | undefined, image: string, managedFields: object[] = []): KubeObject {
  const containers = [{ name: 'web', image }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', labels: { app: 'web' }, managedFields },
    spec: { ...(replicas === undefined ? {} : { replicas }), template: { spec: { containers } } },
  };
}

const owner = 'kustomize-controller';

test('rules match by anchored expressions and selectors', () => {
  const object = deployment(1, 'a');
  const paths = ['/spec/replicas', '/spec/missing/field'];
  const left = (target: object) =>
    withoutIgnoredFields(object, object, compileIgnoreRules([{ paths, target }]))['spec'].replicas;

  expect(left({ kind: 'Deploy.*', name: 'web', labelSelector: 'app=web' })).toBeUndefined();
  expect(left({ kind: 'Deploy' })).toBe(1);
  expect(left({ labelSelector: 'app=api' })).toBe(1);
  expect(object['spec'].replicas).toBe(1);
});

test('a differing ignored field keeps its live value, or leaves the payload when somebody applies it (KUS-APPLY-16)', () => {
  const key = 'k:{"name":"web"}';
  const image = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { [key]: { 'f:image': {} } } } } } };
  const live = deployment(9, 'live', [{ manager: 'updater', operation: 'Apply', fieldsV1: image }]);
  const rules = compileIgnoreRules([{ paths: ['/spec/replicas', '/spec/template/spec/containers/0/image'] }]);

  const payload = withSettledIgnoredFields(deployment(1, 'desired'), live, deployment(1, 'desired'), { rules, owner });

  expect(payload['spec']).toEqual({ replicas: 9, template: { spec: { containers: [{ name: 'web' }] } } });
});

test('a field that only a default brings in stays out of the payload', () => {
  const rules = compileIgnoreRules([{ paths: ['/spec/replicas'] }]);

  const payload = withSettledIgnoredFields(deployment(undefined, 'a'), deployment(9, 'a'), deployment(1, 'a'), {
    rules,
    owner,
  });

  expect(payload['spec']).not.toHaveProperty('replicas');
});

test('a selector that cannot be read is named', () => {
  expect(() => compileIgnoreRules([{ paths: [], target: { name: '(' } }])).toThrow(
    'failed to create ignore rule selector: ',
  );
});
