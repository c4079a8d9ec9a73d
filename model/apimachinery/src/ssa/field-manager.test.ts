import { describe, expect, test } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../object.ts';
import type { Schema } from '../schema.ts';
import { newConflictsStatus } from './conflict.ts';
import { type ApplyResult, applyServerSide, trackUpdate } from './field-manager.ts';

const text: Schema = { type: 'string' };
const meta: Schema = {
  type: 'object',
  definition: 'ObjectMeta',
  properties: {
    name: text,
    namespace: text,
    uid: text,
    labels: { type: 'object', additionalProperties: text },
    annotations: { type: 'object', additionalProperties: text },
    finalizers: { type: 'array', items: text, listType: 'set' },
  },
};
const schema: Schema = {
  type: 'object',
  properties: {
    apiVersion: text,
    kind: text,
    metadata: meta,
    spec: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        ports: {
          type: 'array',
          listType: 'map',
          listMapKeys: ['port', 'protocol'],
          items: {
            type: 'object',
            properties: { port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, name: text },
          },
        },
        args: { type: 'array', items: text },
        selector: { type: 'object', mapType: 'atomic', additionalProperties: text },
        free: { type: 'object', preserveUnknownFields: true },
      },
    },
    status: { type: 'object', properties: { phase: text } },
  },
};

function thing(spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: 'g/v1', kind: 'Thing', metadata: { name: 'a', ...metadata }, spec } as KubeObject;
}

function apply(live: KubeObject | undefined, applied: KubeObject, manager: string, force = false): ApplyResult {
  return applyServerSide({ live, applied, manager, force, schema, now: `2020-01-01T00:00:0${manager.length % 10}Z` });
}

function fieldsOf(entries: ManagedFieldsEntry[] | undefined, manager: string): unknown {
  return entries?.find((entry) => entry.manager === manager)?.fieldsV1;
}

describe('apply', () => {
  test('owns what it states and merges lists by key, defaults of keys included (KUBE-SSA-02)', () => {
    const first = apply(undefined, thing({ replicas: 1, ports: [{ port: 80 }], selector: { a: '1' } }), 'one');
    const second = apply(
      first.object,
      thing({ ports: [{ port: 80, protocol: 'TCP', name: 'http' }, { port: 443 }] }),
      'two',
    );

    expect(fieldsOf(first.managedFields, 'one')).toEqual({
      'f:spec': {
        'f:replicas': {},
        'f:selector': {},
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
      },
    });
    expect(second.object['spec'].ports).toEqual([{ port: 80, protocol: 'TCP', name: 'http' }, { port: 443 }]);
    expect(second.managedFields?.map(({ manager }) => manager)).toEqual(['one', 'two']);
  });

  test('drops what it no longer states unless another manager owns it', () => {
    const one = apply(undefined, thing({ replicas: 1, ports: [{ port: 80 }, { port: 443 }] }), 'one').object;
    const both = apply(one, thing({ replicas: 1, ports: [{ port: 443 }] }), 'two').object;
    const { object, managedFields } = apply(both, thing({ args: ['x'] }), 'one');

    expect(object['spec']).toEqual({ replicas: 1, ports: [{ port: 443 }], args: ['x'] });
    expect(fieldsOf(managedFields, 'one')).toEqual({ 'f:spec': { 'f:args': {} } });
  });

  test('conflicts name the owner, the version only for updates (KUBE-SSA-05)', () => {
    const live = thing({ replicas: 1, args: ['a'] }, { uid: 'u' });
    live.metadata.managedFields =
      trackUpdate({ updated: live, manager: 'editor', schema, now: '2020-01-01T00:00:00Z' }) ?? [];
    const one = apply(live, thing({ replicas: 1 }), 'one').object;

    const { conflicts, object } = apply(one, thing({ replicas: 2, args: ['b'] }), 'two');
    expect(object).toBe(one);
    expect(newConflictsStatus(conflicts).status.message?.split('\n')).toEqual([
      'Apply failed with 3 conflicts: conflicts with "editor" using g/v1:',
      '- .spec.args',
      '- .spec.replicas',
      'conflicts with "one":',
      '- .spec.replicas',
    ]);
    expect(apply(one, thing({ replicas: 2 }), 'two', true).object['spec'].replicas).toBe(2);
  });

  test('a manager that only shares fields gets an entry without time, and nothing changed (KUBE-SSA-01, -13)', () => {
    const one = apply(undefined, thing({ replicas: 1 }), 'one').object;
    const { changed, managedFields } = apply(one, thing({ replicas: 1 }), 'three');

    expect(changed).toBe(false);
    expect(managedFields?.map(({ manager, time }) => [manager, time])).toEqual([
      ['three', undefined],
      ['one', '2020-01-01T00:00:03Z'],
    ]);
    expect(apply(one, thing({ replicas: 1 }), 'one').managedFields).toEqual(one.metadata.managedFields);
  });

  test('fields of an object that nobody tracked belong to before-first-apply (KUBE-SSA-03)', () => {
    const live = thing({ replicas: 1 }, { uid: 'u' });
    const { conflicts } = apply(live, thing({ replicas: 2 }), 'one');

    expect(newConflictsStatus(conflicts).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using g/v1: .spec.replicas',
    );
  });

  test.for([
    [thing({ nope: 1 }), '.spec.nope: field not declared in schema'],
    [thing({ replicas: 'x' }), '.spec.replicas: expected numeric (int or float), got string'],
    [thing({ args: { x: 1 } }), '.spec.args: expected list, got &{map[x:1]}'],
    [thing({ ports: [{ port: 1 }, { port: 1 }] }), '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]'],
    [thing({ selector: { a: 1 } }), '.spec.selector.a: expected string, got &value.valueUnstructured{Value:1}'],
  ] as const)('what does not fit the schema is a 500 (KUBE-SSA-06): %#', ([applied, problem]) => {
    expect(() => apply(undefined, applied, 'one')).toThrow(
      expect.objectContaining({
        statusCode: 500,
        message: `failed to create typed patch object (/a; g/v1, Kind=Thing): ${problem}`,
      }),
    );
  });

  test('managedFields in the request are refused, null is fine (KUBE-SSA-04)', () => {
    expect(() => apply(undefined, thing({}, { managedFields: [] }), 'one')).toThrow(
      'metadata.managedFields must be nil',
    );
    expect(apply(undefined, thing({ replicas: 1 }, { managedFields: null }), 'one').managedFields).toHaveLength(1);
  });

  test('without a schema every list is one field and every map many', () => {
    const applied = thing({ list: [{ a: 1 }], map: { a: { b: 1 } } });
    const { managedFields } = applyServerSide({ applied, manager: 'm', now: '2020-01-01T00:00:00Z' });

    expect(managedFields?.[0]?.fieldsV1).toEqual({
      'f:spec': { '.': {}, 'f:list': {}, 'f:map': { '.': {}, 'f:a': { '.': {}, 'f:b': {} } } },
    });
  });

  test('reset fields are merged but never owned', () => {
    const applied = { ...thing({ replicas: 1 }), status: { phase: 'x' } };
    const { managedFields } = applyServerSide({ applied, manager: 'm', schema, now: '', resetFields: [['status']] });

    expect(managedFields?.[0]?.fieldsV1).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  test('a type that became atomic is owned as one', () => {
    const live = apply(undefined, thing({ selector: { a: '1' } }), 'one').object;
    live.metadata.managedFields![0]!.fieldsV1 = { 'f:spec': { 'f:selector': { 'f:a': {} } } };
    const { managedFields } = apply(live, thing({ replicas: 1 }), 'two');

    expect(fieldsOf(managedFields, 'one')).toEqual({ 'f:spec': { 'f:selector': {} } });
  });

  test('managers of another version are converted, those of a lost version dropped', () => {
    const live = apply(undefined, thing({ replicas: 1 }), 'one').object;
    const [entry] = live.metadata.managedFields!;
    live.metadata.managedFields = [
      { ...entry, apiVersion: 'g/v1beta1' },
      { ...entry, manager: 'gone', apiVersion: 'h/v1' },
    ] as ManagedFieldsEntry[];

    const { conflicts } = apply(live, thing({ replicas: 2 }), 'two');

    expect(conflicts.map(({ owner }) => JSON.parse(owner).manager)).toEqual(['one']);
  });

  test('kubectl may change what its own client-side apply set', () => {
    const last = JSON.stringify(thing({ replicas: 1 }));
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': last };
    const live = thing({ replicas: 1 }, { uid: 'u', annotations });
    live.metadata.managedFields =
      trackUpdate({ updated: live, manager: 'kubectl-client-side-apply', schema, now: '' }) ?? [];

    expect(apply(live, thing({ replicas: 2 }), 'other').conflicts).toHaveLength(1);
    const { object, conflicts } = apply(live, thing({ replicas: 2 }), 'kubectl');
    expect(conflicts).toEqual([]);
    expect(object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toContain('"replicas":2');
  });
});

describe('update', () => {
  const now = '2020-01-01T00:00:00Z';

  test('owns what it adds and changes, with the dots of maps', () => {
    const created = thing({ replicas: 1 }, { labels: { a: '1' } });
    const managedFields = trackUpdate({ updated: created, manager: 'm', schema, now });

    expect(managedFields).toEqual([
      {
        manager: 'm',
        operation: 'Update',
        apiVersion: 'g/v1',
        time: now,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } }, 'f:spec': { '.': {}, 'f:replicas': {} } },
      },
    ]);
  });

  test('takes changed and removed fields from their owners', () => {
    const live = apply(undefined, thing({ replicas: 1, args: ['a'] }, { uid: 'u' }), 'one').object;
    const managedFields = trackUpdate({
      live,
      updated: thing({ replicas: 2 }, { uid: 'u' }),
      manager: 'm',
      schema,
      now,
    });

    expect(fieldsOf(managedFields, 'one')).toBeUndefined();
    expect(fieldsOf(managedFields, 'm')).toEqual({ 'f:spec': { 'f:replicas': {} } });
  });

  test('an empty list or an empty entry clears managedFields, and they stay cleared (KUBE-SSA-03, -04)', () => {
    const live = apply(undefined, thing({ replicas: 1 }, { uid: 'u' }), 'one').object;
    const updated = thing({ replicas: 1 }, { uid: 'u', managedFields: [{}] });

    expect(trackUpdate({ live, updated, manager: 'm', schema, now })).toBeUndefined();
    const cleared = thing({ replicas: 1 }, { uid: 'u' });
    expect(
      trackUpdate({ live: cleared, updated: thing({ replicas: 2 }, { uid: 'u' }), manager: 'm', schema, now }),
    ).toBeUndefined();
  });

  test('undecodable managedFields fall back to the stored ones; a subresource never sets them', () => {
    const live = apply(undefined, thing({ replicas: 1 }, { uid: 'u' }), 'one').object;
    const updated = thing({ replicas: 1 }, { uid: 'u', managedFields: [{ manager: 'x', operation: 'Twist' }] });

    expect(trackUpdate({ live, updated, manager: 'm', schema, now })).toEqual(live.metadata.managedFields);
    const cleared = thing({ replicas: 1 }, { uid: 'u', managedFields: [] });
    expect(trackUpdate({ live, updated: cleared, manager: 'm', subresource: 'status', schema, now })).toEqual(
      live.metadata.managedFields,
    );
  });

  test('the oldest of more than ten updaters become ancient-changes (KUBE-SSA-10)', () => {
    let live = thing({ free: {} }, { uid: 'u' });
    live.metadata.managedFields = trackUpdate({ updated: live, manager: 'm0', schema, now }) ?? [];
    for (let index = 1; index <= 12; index++) {
      const updated = thing({ free: { ...live['spec'].free, [`k${index}`]: index } }, { uid: 'u' });
      const time = `2020-01-01T00:00:${String(index).padStart(2, '0')}Z`;
      const managedFields = trackUpdate({ live, updated, manager: `m${index}`, schema, now: time }) ?? [];
      live = { ...updated, metadata: { ...updated.metadata, managedFields } };
    }

    const managers = live.metadata.managedFields?.map(({ manager }) => manager);
    expect(managers).toHaveLength(10);
    expect(managers?.[0]).toBe('ancient-changes');
    expect(managers?.at(-1)).toBe('m12');
  });
});
