import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

function definition(plural: string, spec: object) {
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.cost.example.com` },
    spec: {
      group: 'cost.example.com',
      scope: 'Cluster',
      names: { plural, kind: plural },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

function names(limits: { maxItems?: number; maxLength?: number }) {
  const { maxItems, maxLength } = limits;
  return {
    type: 'array',
    ...(maxItems === undefined ? {} : { maxItems }),
    items: {
      type: 'object',
      properties: { name: { type: 'string', ...(maxLength === undefined ? {} : { maxLength }) } },
    },
  };
}

const unique = 'self.all(a, self.exists_one(b, a.name == b.name))';

describe('rules of custom resource definitions that may cost too much', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
  });
  afterAll(() => client.close());

  const causes = async (plural: string, spec: object) => {
    const { body } = await client.send('POST', crds, definition(plural, spec), { query: { dryRun: 'All' } });
    const details = body['details'] as { causes?: { field: string; message: string }[] } | undefined;
    return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message.replace(/ \(try simpl.*/, '')}`);
  };

  it('are refused while lists and texts have no limits', async () => {
    const rules = { 'x-kubernetes-validations': [{ rule: unique }] };
    const root = 'spec.validation.openAPIV3Schema';
    const at = `${root}.properties[spec].x-kubernetes-validations[0].rule`;
    const total = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget';
    expect(await causes('wides', { ...names({}), ...rules })).toEqual([
      `${at}: Forbidden: estimated rule cost exceeds budget by factor of more than 100x`,
      `${at}: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `${root}: Forbidden: ${total} by factor of more than 100x`,
    ]);
    expect(await causes('narrows', { ...names({ maxItems: 16, maxLength: 64 }), ...rules })).toEqual([]);
  });

  it('count as often as the value can be there', async () => {
    const items = { type: 'string', maxLength: 10, 'x-kubernetes-validations': [{ rule: "self.matches('^[a-z]+$')" }] };
    expect(await causes('fews', { type: 'array', maxItems: 100, items })).toEqual([]);
    expect((await causes('manys', { type: 'array', maxItems: 1_000_000, items }))[0]).toContain(
      'estimated rule cost exceeds budget by factor of 1.100000x',
    );
  });

  it('include what the message costs', async () => {
    const messageExpression = "self.map(x, x.name + '!').join(',')";
    const rule = { rule: 'self.size() > 1', messageExpression };
    expect((await causes('tells', { ...names({}), 'x-kubernetes-validations': [rule] }))[0]).toContain(
      'x-kubernetes-validations[0].messageExpression: Forbidden: estimated messageExpression cost exceeds budget',
    );
    const broken = { rule: 'self.size() > 1', messageExpression: 'self.(' };
    expect((await causes('brokens', { ...names({}), 'x-kubernetes-validations': [broken] }))[0]).toContain(
      'messageExpression compilation failed: ',
    );
  });
});
