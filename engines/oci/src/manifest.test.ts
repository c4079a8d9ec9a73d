import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OciError, parseDockerConfig } from './index.ts';
import { mediaTypeOf, parseImageIndex, parseImageManifest } from './manifest.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

test('a manifest is read with its annotations, whatever they are called', () => {
  const text = `{"schemaVersion":2,"config":{"mediaType":"x/y","digest":"${digest}","size":2},"annotations":{"__proto__":"a","b":1,"c":"d"}}`;

  const { annotations, layers, config } = parseImageManifest(Buffer.from(text));

  expect(Object.entries(annotations!)).toEqual([
    ['__proto__', 'a'],
    ['c', 'd'],
  ]);
  expect(layers).toEqual([]);
  expect(config).toEqual({ mediaType: 'x/y', digest, size: 2 });
});

test('the type that a manifest names counts more than that of the answer', () => {
  expect(mediaTypeOf(bytes({ mediaType: 'a/b' }), 'c/d')).toBe('a/b');
  expect(mediaTypeOf(bytes({}), 'c/d')).toBe('c/d');
  expect(mediaTypeOf(bytes({ manifests: [] }), '')).toBe('application/vnd.oci.image.index.v1+json');
  expect(mediaTypeOf(bytes({}), '')).toBe('application/vnd.oci.image.manifest.v1+json');
});

test('no JSON makes reading end in another error than one of registries', () => {
  const descriptor = fc.record({
    mediaType: fc.string(),
    digest: fc.constantFrom(digest, 'x', 1, null),
    size: fc.jsonValue(),
    platform: fc.jsonValue(),
  });
  const part = fc.oneof(descriptor, fc.array(descriptor), fc.jsonValue());
  const manifest = fc.record({
    mediaType: fc.jsonValue(),
    config: part,
    layers: part,
    manifests: part,
    annotations: fc.jsonValue(),
  });
  const tolerate = (read: () => unknown) => {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(OciError);
    }
  };
  fc.assert(
    fc.property(fc.oneof(manifest, fc.jsonValue()), (value) => {
      tolerate(() => parseImageManifest(bytes(value)));
      tolerate(() => parseImageIndex(bytes(value)));
      tolerate(() => mediaTypeOf(bytes(value), ''));
      tolerate(() => parseDockerConfig(JSON.stringify({ auths: value })));
      tolerate(() => parseDockerConfig(JSON.stringify(value)));
    }),
  );
});
