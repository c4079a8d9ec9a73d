import { expect, test } from 'vitest';
import type { ChartMetadata } from './chart.ts';
import { readLock, readMetadata, validateMetadata } from './metadata.ts';

test('numbers and booleans become text where text is wanted (HELM-LOAD-03)', () => {
  const read = readMetadata('name: x\nversion: 1\nappVersion: 1.10\nkubeVersion: true\nannotations: {a: 1, b: null}\n');

  expect(read).toEqual({
    name: 'x',
    version: '1',
    apiVersion: 'v1',
    appVersion: '1.1',
    annotations: { a: '1', b: '' },
    kubeVersion: 'true',
  });
});

test('fields come in the order of Go, whatever that of the file', () => {
  expect(Object.keys(readMetadata('type: library\nversion: 1.0.0\nName: x\napiVersion: v2\n'))).toEqual([
    'name',
    'version',
    'apiVersion',
    'type',
  ]);
});

test('a field of the wrong type is named', () => {
  expect(() => readMetadata('name: [x]\n')).toThrow(
    'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field Metadata.name of type string',
  );
  expect(() => readMetadata('maintainers: [{name: {}}]\n')).toThrow(
    'json: cannot unmarshal object into Go struct field Maintainer.maintainers.name of type string',
  );
});

test.each<[string, Partial<ChartMetadata>]>([
  ['chart.metadata.name is required', { name: '' }],
  ['chart.metadata.name ".." is not allowed', { name: '..' }],
  ['chart.metadata.name "a/b" is invalid', { name: 'a/b' }],
  ['chart.metadata.version is required', { version: '' }],
  ['chart.metadata.version "x" is invalid', { version: 'x' }],
  ['chart.metadata.type must be application or library', { type: 'x' }],
  ['dependency "d" has disallowed characters in the alias', { dependencies: [{ name: 'd', alias: 'a b' }] }],
  ['more than one dependency with name or alias "d"', { dependencies: [{ name: 'd' }, { name: 'e', alias: 'd' }] }],
])('metadata is refused: %s (HELM-LOAD-03)', (message, change) => {
  const metadata = { name: 'x', version: '1.0.0', apiVersion: 'v2', ...change };

  expect(() => validateMetadata(metadata)).toThrow(`validation: ${message}`);
});

test('null among maintainers or dependencies is refused', () => {
  const read = (text: string) => validateMetadata(readMetadata(`name: x\nversion: 1.0.0\n${text}`));

  expect(() => read('maintainers: [null]')).toThrow('validation: maintainers must not contain empty or null nodes');
  expect(() => read('dependencies: [null]')).toThrow('validation: dependencies must not contain empty or null nodes');
});

test('spaces and characters that do not print are cleaned', () => {
  const metadata = { name: 'x\u200b', version: '1.0.0', apiVersion: 'v2', description: 'a\tb\nc' };

  expect(validateMetadata(metadata)).toMatchObject({ name: 'x', description: 'a b c' });
  expect(validateMetadata({ ...metadata, home: '\ufeffh\u2003\ufeff' }).home).toBe('h ');
});

test('a lock has its parts even when it is empty', () => {
  expect(readLock('digest: sha256:x\n')).toEqual({ generated: '', digest: 'sha256:x', dependencies: [] });
});

test("a number with an exponent is a float, which is text in Go's short form", () => {
  const read = (version: string) => readMetadata(`name: x\nversion: 1.0.0\nappVersion: ${version}\n`).appVersion;

  expect(['72445e2', '7244500', '1e3', '-15e9', '1234567.0'].map(read)).toEqual([
    '7.2445e+06',
    '7244500',
    '1000',
    '-1.5e+10',
    '1.234567e+06',
  ]);
});
