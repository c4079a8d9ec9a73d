import { expect, test } from 'vitest';
import { tellsRefusedLogin } from './refused-login.ts';

test.each([
  'GET "http://127.0.0.1:5000/v2/": response status code 401: Unauthorized',
  'failed to fetch http://127.0.0.1:5000/demo.tgz : 401 Unauthorized',
  'unauthorized: no access',
  'remote error: tls: bad certificate',
])('%s tells of a refused login (SRC-HCHART-12)', (text) => {
  expect(tellsRefusedLogin(text)).toBe(true);
});

test.each([
  'GET "http://127.0.0.1:40123/v2/": response status code 404: Not Found',
  'failed to fetch http://127.0.0.1:401/demo.tgz : 404 Not Found',
  'digest sha256:ab401c does not match',
])('%s does not', (text) => {
  expect(tellsRefusedLogin(text)).toBe(false);
});
