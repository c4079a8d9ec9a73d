import { describe, expect, it } from 'vitest';
import { inAlphabet, inGoOrder } from './member-order.ts';

describe('the order of members', () => {
  it('is that of Go structs, and of the alphabet in maps', () => {
    const service = {
      spec: { type: 'ClusterIP', ports: [{ port: 80, name: 'x', protocol: 'TCP' }], selector: { b: '1', a: '2' } },
      metadata: { uid: 'u', name: 's', annotations: { z: '', y: '' }, labels: {} },
      apiVersion: 'v1',
      kind: 'Service',
    };
    expect(JSON.stringify(inGoOrder('io.k8s.api.core.v1.Service', service))).toBe(
      '{"kind":"Service","apiVersion":"v1","metadata":{"name":"s","uid":"u","labels":{},"annotations":{"y":"","z":""}},' +
        '"spec":{"ports":[{"name":"x","protocol":"TCP","port":80}],"selector":{"a":"2","b":"1"},"type":"ClusterIP"}}',
    );
  });

  it('is the alphabet for what has no type', () => {
    expect(JSON.stringify(inAlphabet({ spec: [{ b: 1, a: { d: 1, c: null } }], kind: 'X' }))).toBe(
      '{"kind":"X","spec":[{"a":{"c":null,"d":1},"b":1}]}',
    );
  });

  it('leaves what is in order as it is', () => {
    const value = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { a: '1', b: '2' } };
    expect(inGoOrder('io.k8s.api.core.v1.ConfigMap', value)).toBe(value);
    expect(inAlphabet(value.data)).toBe(value.data);
  });

  it('keeps members with hostile names', () => {
    const value = JSON.parse('{"z": 1, "__proto__": {"b": 1, "a": 2}}') as object;
    expect(JSON.stringify(inAlphabet(value))).toBe('{"__proto__":{"a":2,"b":1},"z":1}');
  });
});
