import { expect, test } from 'vitest';
import { deleteBody, warningTexts } from './request-options.ts';

test('warnings are read with their escapes, several in one header or many', () => {
  const one = { status: 200, headers: { warning: '299 - "a \\"b\\"", 299 kube "c"' }, body: {} };
  const many = { status: 200, headers: { warning: ['299 - "a"', '299 - "b"'] }, body: {} };

  expect(warningTexts(one)).toEqual(['a "b"', 'c']);
  expect(warningTexts(many)).toEqual(['a', 'b']);
});

test('a delete without options has no body', () => {
  expect(deleteBody({})).toBeUndefined();
  expect(deleteBody({ propagationPolicy: 'Foreground', uid: 'u', gracePeriodSeconds: 0, dryRun: true })).toEqual({
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Foreground',
    gracePeriodSeconds: 0,
    preconditions: { uid: 'u' },
    dryRun: ['All'],
  });
});
