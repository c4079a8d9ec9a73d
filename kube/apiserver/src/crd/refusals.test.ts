import { expect, it } from 'vitest';
import { validateCustomResourceDefinition } from './validate.ts';

/** The messages about a definition whose `spec` has the schema. */
function problemsOf(spec: object, version: object = {}): string[] {
  const openAPIV3Schema = { type: 'object', properties: { spec } };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema }, ...version }];
  const names = { plural: 'foos', singular: 'foo', kind: 'Foo', listKind: 'FooList' };
  const errors = validateCustomResourceDefinition({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names, versions, conversion: { strategy: 'None' } },
    status: { storedVersions: ['v1'] },
  });
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

const at = 'spec.validation.openAPIV3Schema.properties[spec]';

it.each([
  [{ type: 'object', default: { x: 1 } }, [`${at}.default: must not have unknown fields`]],
  [{ type: 'object', definitions: { a: {} } }, [`${at}.definitions: definitions is not supported`]],
  [{ type: 'string', id: 'x' }, [`${at}.id: id is not supported`]],
  [{ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', default: ['a', 'a'] }, []],
])('of the schema %j it says %j', (schema, problems) => {
  expect(problemsOf(schema)).toEqual(problems);
});

it('knows the formats of columns', () => {
  const additionalPrinterColumns = [{ name: 'a', type: 'string', format: 'bar', jsonPath: '.a' }];
  expect(problemsOf({ type: 'object' }, { additionalPrinterColumns })).toEqual([
    'spec.additionalPrinterColumns[0].format: must be one of byte,date,date-time,double,float,int32,int64,password',
  ]);
});
