import { expect, test } from 'vitest';
import { labelProblems, labelValueProblems, qualifiedNameProblems, subdomainProblems } from './name-problems.ts';

test('good names pass', () => {
  expect(labelProblems('my-name')).toEqual([]);
  expect(subdomainProblems('a.b-c.9')).toEqual([]);
  expect(qualifiedNameProblems('kustomize.toolkit.fluxcd.io/name')).toEqual([]);
  expect(labelValueProblems('')).toEqual([]);
});

test('a label with dots is told apart from other mistakes', () => {
  expect(labelProblems('a.b')).toEqual(['must not contain dots']);
  expect(labelProblems('-a')).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
});

test('length and characters are reported separately', () => {
  expect(labelProblems(`${'a'.repeat(64)}`)).toEqual(['must be no more than 63 characters']);
  expect(labelValueProblems('a'.repeat(64))).toEqual(['must be no more than 63 bytes']);
  expect(labelValueProblems('é'.repeat(32))).toHaveLength(2);
  expect(qualifiedNameProblems('/x')[0]).toBe('prefix part must be non-empty');
  expect(qualifiedNameProblems('')).toHaveLength(2);
  expect(qualifiedNameProblems('a/b/c')[0]).toMatch(/^a valid label key must consist of/);
});

test('a very long name is refused quickly', () => {
  expect(subdomainProblems('a'.repeat(1_000_000))).toHaveLength(2);
  expect(labelValueProblems(`${'a'.repeat(1_000_000)}!`)).toHaveLength(2);
});
