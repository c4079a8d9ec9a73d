import { expect, test } from 'vitest';
import { formatLogLine } from './log-line.ts';

const filter = { 'all-namespaces': true, kind: '', level: '' as const, name: '', namespace: 'flux-system' };
const line = (fields: object) => JSON.stringify({ level: 'info', ts: 'T', msg: 'done', ...fields });
const ofKustomization = line({ controllerKind: 'Kustomization', name: 'podinfo', namespace: 'apps' });

test('prints time, level, object and message, with a space where an error would be', () => {
  expect(formatLogLine(ofKustomization, filter)).toBe('T info Kustomization/podinfo.apps - done \n');
});

test('reads the older name of the kind', () => {
  const old = line({ 'reconciler kind': 'Kustomization', name: 'podinfo', namespace: 'apps', error: 'no' });

  expect(formatLogLine(old, filter)).toBe('T info Kustomization/podinfo.apps - done no\n');
});

test('matches the level exactly and names without case', () => {
  expect(formatLogLine(ofKustomization, { ...filter, level: 'error' })).toBeUndefined();
  expect(formatLogLine(ofKustomization, { ...filter, kind: 'kustomization', name: 'PODINFO' })).toBeDefined();
});

test('drops other namespaces, lines without one, and text that is no JSON', () => {
  const own = { ...filter, 'all-namespaces': false, namespace: 'apps' };

  expect(formatLogLine(ofKustomization, own)).toBeDefined();
  expect(formatLogLine(line({}), own)).toBeUndefined();
  expect(formatLogLine('plain text', filter)).toBeUndefined();
});

test('refuses a line that only looks like JSON', () => {
  expect(() => formatLogLine('{oops', filter)).toThrow(/^parse error: /);
});
