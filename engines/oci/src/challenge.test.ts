import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenge } from './challenge.ts';

const bearer = { scheme: 'bearer', realm: 'https://t.example/token', service: 's', scope: 'repository:a:pull,push' };

test.each([
  'Bearer realm="https://t.example/token",service="s",scope="repository:a:pull,push"',
  'bearer realm="https://t.example/token" , service=s, scope="repository:a:pull,push",error="x"',
  'Basic realm="x", Bearer realm="https://t.example/token",service="s",scope="repository:a:pull,push"',
  'Bearer realm="https:\\/\\/t.example/token",service="s",scope="repository:a:pull,push", Basic realm="x"',
])('%s asks for a token', (header) => {
  expect(parseChallenge(header)).toEqual(bearer);
});

test('basic and unknown schemes are told apart', () => {
  expect(parseChallenge('Basic realm="Registry"')).toMatchObject({ scheme: 'basic' });
  expect(parseChallenge('Negotiate')).toBeUndefined();
  expect(parseChallenge('')).toBeUndefined();
});

test('no header breaks it', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseChallenge(`Bearer ${text}`);
      parseChallenge(text);
    }),
  );
  parseChallenge(`Bearer ${' '.repeat(50_000)}`);
  parseChallenge(`Bearer a="${'\\'.repeat(50_000)}`);
});
