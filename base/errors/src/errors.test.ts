import { expect, test } from 'vitest';
import { causeChain, FluxError, redact, redactUrl } from './index.ts';

test('a message never shows the password of a URL', () => {
  expect(new FluxError('clone https://me:hunter2@example.com/x failed').message).toBe(
    'clone https://me:*****@example.com/x failed',
  );
});

test('tokens and signatures are masked', () => {
  expect(redact('Authorization: Bearer abcdefghijkl')).toBe('Authorization: Bearer *****');
  expect(redact('GET https://s3/x?a=1&sig=zzz')).toBe('GET https://s3/x?a=1&sig=*****');
  expect(redactUrl('https://u:p@h/x?y=1')).toBe('https://h/x');
});

test('the chain of causes reads outermost first, without repeats', () => {
  const error = new FluxError('apply failed: no route', { cause: new Error('no route', { cause: 'cable' }) });

  expect(causeChain(error)).toEqual(['apply failed: no route', 'cable']);
});
