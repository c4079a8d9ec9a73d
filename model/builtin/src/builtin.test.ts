import { expect, test } from 'vitest';
import {
  builtinKinds,
  builtinSchema,
  findBuiltinKind,
  findBuiltinResource,
  mergeSchema,
  openApiV2Definitions,
  resolveSchema,
} from './index.ts';

const deployment = { group: 'apps', version: 'v1', kind: 'Deployment' };

test('a kind is found by its identity and by its path', () => {
  const kind = findBuiltinKind(deployment);

  expect(kind).toMatchObject({ resource: 'deployments', shortNames: ['deploy'], namespaced: true, hasStatus: true });
  expect(findBuiltinResource('apps', 'v1', 'deployments')).toBe(kind);
  expect(kind?.columns?.map((column) => column.name)).toContain('Up-to-date');
  expect(findBuiltinKind({ ...deployment, version: 'v9' })).toBeUndefined();
});

test('every kind has a schema of its own', () => {
  for (const kind of builtinKinds()) expect(builtinSchema(kind), kind.kind).toMatchObject({ type: 'object' });
});

test('a schema resolves references, merge rules and defaults as it is walked', () => {
  const spec = builtinSchema(deployment)?.properties?.['spec'];
  const containers = spec?.properties?.['template']?.properties?.['spec']?.properties?.['containers'];

  expect(spec?.properties?.['strategy']?.patchStrategy).toBe('retainKeys');
  expect(spec?.properties?.['strategy']?.properties?.['type']?.type).toBe('string');
  expect(containers).toMatchObject({ listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name' });
  expect(containers?.items?.properties?.['ports']?.items?.properties?.['protocol']?.default).toBe('TCP');
  expect(containers?.items?.properties?.['name']?.default).toBe('');
  expect(containers?.items?.properties?.['image']?.default).toBeUndefined();
  expect(containers?.items?.goFields?.['args']).toBe('e');
});

test('a recursive type does not recurse until it is walked', () => {
  const props = resolveSchema('io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps');

  expect(props?.properties?.['not']?.properties?.['not']).toBe(props?.properties?.['not']);
});

test('request bodies that are no resources have schemas too', () => {
  expect(builtinSchema({ group: 'autoscaling', version: 'v1', kind: 'Scale' })?.properties).toHaveProperty('spec');
  expect(builtinSchema({ group: 'policy', version: 'v1', kind: 'Eviction' })?.properties).toHaveProperty(
    'deleteOptions',
  );
  expect(builtinSchema({ group: '', version: 'v1', kind: 'Nope' })).toBeUndefined();
});

test('merge keys are known without the schemas, also for versions that are no longer served', () => {
  const type = mergeSchema({ group: 'batch', version: 'v1beta1', kind: 'CronJob' });
  const pod = type
    ?.findField('spec')
    ?.child?.findField('jobTemplate')
    ?.child?.findField('spec')
    ?.child?.findField('template')
    ?.child?.findField('spec')?.child;

  expect(pod?.findField('volumes')).toMatchObject({ strategy: 'merge,retainKeys', mergeKey: 'name' });
  expect(pod?.findField('containers')?.child?.findField('ports')).toMatchObject({ mergeKey: 'containerPort' });
  expect(mergeSchema({ group: 'x', version: 'v1', kind: 'Y' })).toBeUndefined();
  expect(type?.findField('__proto__')).toBeUndefined();
});

test('OpenAPI definitions carry descriptions and kinds for kubectl', () => {
  const definition = openApiV2Definitions()['io.k8s.api.apps.v1.Deployment'];

  expect(definition?.['x-kubernetes-group-version-kind']).toEqual([deployment]);
  expect(definition).toHaveProperty('description', expect.stringContaining('declarative updates'));
});
