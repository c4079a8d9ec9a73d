import { expect, test } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';
import { definition } from '../testing/seeds.table.ts';
import { encodeSwagger } from './swagger-protobuf.ts';

interface Field {
  number: number;
  /** Of length-delimited fields; others are left out. */
  bytes: Buffer;
}

function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag % 8 === 0) varint();
    else if (tag % 8 === 1) at += 8;
    else {
      const length = varint();
      fields.push({ number: Math.floor(tag / 8), bytes: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return fields;
}

const read = (bytes: Buffer, ...path: number[]): Buffer =>
  path.reduce((inner, wanted) => fieldsOf(inner).find(({ number }) => number === wanted)!.bytes, bytes);

test('writes schemas by the numbers of the OpenAPI v2 messages', () => {
  const schema = {
    ...{ type: 'object', required: ['a'], 'x-kubernetes-group-version-kind': [{ kind: 'K' }] },
    properties: { a: { $ref: '#/definitions/b' }, m: { type: 'object', additionalProperties: { type: 'string' } } },
  };

  const bytes = encodeSwagger({ swagger: '2.0', definitions: { k: schema } });

  expect(String(read(bytes, 1))).toBe('2.0');
  const value = read(bytes, 9, 1, 2);
  expect(String(read(bytes, 9, 1, 1))).toBe('k');
  expect(String(read(value, 22, 1))).toBe('object');
  expect(String(read(value, 19))).toBe('a');
  expect(String(read(value, 25, 1, 2, 1))).toBe('#/definitions/b');
  expect(String(read(value, 31, 1))).toBe('x-kubernetes-group-version-kind');
  expect(String(read(value, 31, 2, 2))).toBe('[{"kind":"K"}]');
  const map = fieldsOf(read(value, 25))[1]!.bytes;
  expect(String(read(map, 2, 21, 1, 22, 1))).toBe('string');
});

test('the server answers the same document in both forms, custom kinds included', async () => {
  const client = await DirectClient.start({ controllers: false });
  await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  const accept = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';
  const ask = (headers: Record<string, string>) =>
    client.server.handle({ method: 'GET', path: '/openapi/v2', headers });

  const { body, headers } = await ask({ accept });
  const json = (await ask({})).body as { definitions: object; paths: object };

  const names = (list: Buffer, number: number) =>
    fieldsOf(list).flatMap((field) => (field.number === number ? [String(read(field.bytes, 1))] : []));
  expect(headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
  expect(names(read(body as Buffer, 9), 1)).toEqual(Object.keys(json.definitions));
  expect(names(read(body as Buffer, 8), 2)).toEqual(Object.keys(json.paths));
  expect((await ask({ accept, 'if-none-match': String(headers['etag']) })).status).toBe(304);
  await client.close();
});
