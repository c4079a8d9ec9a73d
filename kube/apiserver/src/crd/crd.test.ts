import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/example.com/v1/namespaces/default/widgets';

const specSchema = {
  type: 'object',
  properties: {
    size: { type: 'integer', minimum: 1, default: 3 },
    mode: { type: 'string', enum: ['a', 'b'] },
  },
  'x-kubernetes-validations': [{ rule: "self.size < 10 || self.mode == 'b'", message: 'large widgets need mode b' }],
};

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: specSchema, status: { type: 'object', properties: { ready: { type: 'boolean' } } } },
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      },
      {
        name: 'v1beta1',
        served: true,
        storage: false,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

function widget(name: string, spec: Record<string, unknown>) {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec };
}

describe('custom resources', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ workloads: false });
    await client.create(crds, definition);
    await client.until(crds, 'widgets.example.com', (crd) =>
      (crd?.['status'].conditions ?? []).some(
        ({ type, status }: { type: string; status: string }) => type === 'Established' && status === 'True',
      ),
    );
  });
  afterAll(() => client.close());

  it('prunes what the schema does not know and fills in defaults', async () => {
    const created = await client.create(widgets, widget('pruned', { mode: 'a', nope: true }));
    expect(created['spec']).toEqual({ size: 3, mode: 'a' });
  });

  it('refuses what the schema and its CEL rules refuse', async () => {
    const tooSmall = await client.send('POST', widgets, widget('bad', { size: 0, mode: 'c' }));
    const { message } = tooSmall.body;
    expect(message).toContain('spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1');
    expect(message).toContain('spec.mode: Unsupported value: "c": supported values: "a", "b"');
    const tooLarge = await client.send('POST', widgets, widget('bad', { size: 12, mode: 'a' }));
    expect(tooLarge.body.message).toContain('large widgets need mode b');
  });

  it('keeps the status apart from the spec', async () => {
    await client.create(widgets, { ...widget('apart', { size: 2 }), status: { ready: true } });
    const before = await client.get(`${widgets}/apart`);
    expect(before['status']).toBeUndefined();
    const after = await client.patch(`${widgets}/apart/status`, 'merge', {
      spec: { size: 5 },
      status: { ready: true },
    });
    expect(after.body).toMatchObject({ spec: { size: 2 }, status: { ready: true }, metadata: { generation: 1 } });
  });

  it('shows an object in every served version', async () => {
    await client.create(widgets, widget('both', { size: 4 }));
    const shown = await client.get('/apis/example.com/v1beta1/namespaces/default/widgets/both');
    expect(shown).toMatchObject({ apiVersion: 'example.com/v1beta1', spec: { size: 4 } });
  });

  it('prints the columns of its definition', async () => {
    await client.create(widgets, widget('row', { size: 7 }));
    const { body } = await client.send('GET', widgets, undefined, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
      query: { fieldSelector: 'metadata.name=row' },
    });
    expect(body['rows'][0].cells).toEqual(['row', 7]);
  });

  it('is no longer served once its definition is deleted, and its objects are gone', async () => {
    await client.send('DELETE', `${crds}/widgets.example.com`);
    await client.until(crds, 'widgets.example.com', (crd) => crd === undefined);
    expect((await client.send('GET', widgets)).status).toBe(404);
  });
});
