import { readdirSync, readFileSync } from 'node:fs';
import { type JsonValue, type KubeObject, normalizeTyped, parseApiVersion } from '@flux/apimachinery';
import { describe, expect, test } from 'vitest';
import { builtinSchema, findBuiltinKind } from './index.ts';

const folder = new URL('../../../tools/conformance/cases/kube-api/', import.meta.url);

/** Every object of a built-in kind in an answer, lists included; placeholders stand for volatile values. */
function* objectsIn(value: unknown): Generator<KubeObject> {
  if (typeof value !== 'object' || value === null) return;
  const object = value as KubeObject;
  const isObject = typeof object.apiVersion === 'string' && typeof object.kind === 'string';
  if (isObject && findBuiltinKind({ ...parseApiVersion(object.apiVersion), kind: object.kind })) yield object;
  else if (Array.isArray(value)) for (const item of value) yield* objectsIn(item);
  else if (Array.isArray(object['items'])) yield* objectsIn(object['items']);
}

interface Transcript {
  steps?: { request?: { query?: Record<string, string> }; response?: { body?: unknown; bodySubset?: boolean } }[];
}

function recorded(): KubeObject[] {
  const transcripts = readdirSync(new URL('transcripts/', folder));
  return transcripts.flatMap((file) => {
    const { steps } = JSON.parse(readFileSync(new URL(`transcripts/${file}`, folder), 'utf8')) as Transcript;
    return (steps ?? []).flatMap(({ response }) => (response?.bodySubset ? [] : [...objectsIn(response?.body)]));
  });
}

describe('recorded objects', () => {
  test('whatever the server wrote is its own normal form', () => {
    const objects = recorded();

    for (const object of objects) {
      const schema = builtinSchema({ ...parseApiVersion(object.apiVersion), kind: object.kind })!;
      expect(normalizeTyped(object as unknown as JsonValue, schema), object.kind).toEqual(object);
    }
    expect(objects.length).toBeGreaterThan(500);
  });
});
