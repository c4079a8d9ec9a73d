import { expect, test } from 'vitest';
import {
  checkConfigKey,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelKey,
  checkLabelValue,
  checkPathSegmentName,
} from './names.ts';

test('good names pass', () => {
  expect(checkDns1123Label('my-name')).toEqual([]);
  expect(checkDns1123Subdomain('a.b-c.9')).toEqual([]);
  expect(checkLabelKey('kustomize.toolkit.fluxcd.io/name')).toEqual([]);
  expect(checkLabelValue('')).toEqual([]);
  expect(checkConfigKey('ca.crt')).toEqual([]);
  expect(checkPathSegmentName('system:admin')).toEqual([]);
});

test('a label with dots is told apart from other mistakes', () => {
  expect(checkDns1123Label('a.b')).toEqual(['must not contain dots']);
  expect(checkDns1123Label('-a')).toEqual([
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ]);
});

test('length and characters are reported separately', () => {
  expect(checkDns1123Label(`${'a'.repeat(64)}`)).toEqual(['must be no more than 63 bytes']);
  expect(checkLabelKey('/x')[0]).toBe('prefix part must be non-empty');
  expect(checkLabelKey('')).toHaveLength(2);
  expect(checkLabelKey('a/b/c')[0]).toMatch(/^a valid label key must consist of/);
  expect(checkPathSegmentName('..')).toEqual(["may not be '..'"]);
  expect(checkPathSegmentName('a/b%')).toEqual(["may not contain '/'", "may not contain '%'"]);
});

test('a very long name is refused quickly', () => {
  expect(checkDns1123Subdomain('a'.repeat(1_000_000))).toHaveLength(2);
});
