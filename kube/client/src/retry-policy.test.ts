import { expect, test } from 'vitest';
import { retryDelay } from './retry-policy.ts';

type Request = Parameters<typeof retryDelay>[0]['request'];

const get: Request = { method: 'GET', path: '/x' };
const post: Request = { method: 'POST', path: '/x', body: {} };
const apply: Request = { method: 'PATCH', path: '/x', headers: { 'content-type': 'application/apply-patch+yaml' } };

function after(request: Request, status: number, retryAfter?: string, attempt = 1): number | undefined {
  const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  return retryDelay({ request, attempt, response: { status, headers, body: undefined }, failure: undefined });
}

test('a server that says when to come back is obeyed for any verb, up to a minute', () => {
  expect([after(post, 429, '2'), after(post, 503, '2'), after(apply, 500, '0')]).toEqual([2000, 2000, 0]);
  expect([after(get, 429, '86400'), after(get, 429, 'Fri, 31 Dec 2999 23:59:59 GMT')]).toEqual([60_000, 60_000]);
});

test('without that, only reads are sent again, and ever later', () => {
  expect([after(get, 429), after(get, 503, undefined, 3), after(get, 502, 'rubbish')]).toEqual([200, 800, 200]);
  expect([after(post, 429), after(apply, 503), after(get, 500)]).toEqual([undefined, undefined, undefined]);
});

test('an answer that is no overload is final, whatever its headers say', () => {
  expect([after(get, 404, '1'), after(get, 401, '1'), after(get, 200, '1')]).toEqual([undefined, undefined, undefined]);
});
