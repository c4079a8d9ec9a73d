import { expect, test } from 'vitest';
import { credentialsForHost, parseDockerConfig } from './index.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const config = (auths: object) => parseDockerConfig(JSON.stringify({ auths }));

test('credentials are read from each form of an entry (SRC-SEC-04)', () => {
  const entries = config({
    'a.example': { auth: encode('user:pass:word') },
    'b.example': { username: 'u', password: 'p' },
    'c.example': { auth: encode('00000000-0000-0000-0000-000000000000:'), identitytoken: 'token' },
    'https://index.docker.io/v1/': { auth: encode('hub:secret') },
    'd.example': {},
  });

  expect(credentialsForHost(entries, 'a.example')).toEqual({ username: 'user', password: 'pass:word' });
  expect(credentialsForHost(entries, 'b.example')).toEqual({ username: 'u', password: 'p' });
  expect(credentialsForHost(entries, 'c.example')).toMatchObject({ identityToken: 'token' });
  expect(credentialsForHost(entries, 'docker.io')).toEqual({ username: 'hub', password: 'secret' });
  expect(credentialsForHost(entries, 'd.example')).toEqual({});
  expect(credentialsForHost(entries, 'a.example:443')).toBeUndefined();
});

test('a .dockercfg has the entries without a frame (SRC-SEC-04)', () => {
  expect(parseDockerConfig(JSON.stringify({ 'a.example': { username: 'u', password: 'p' } }))).toHaveLength(1);
});

test.each([
  [
    '{"auths": {"a.example": {"auth": "c2VjcmV0"}}}',
    "the entry 'a.example' of the docker configuration has an 'auth' without a colon",
  ],
  ['{secret', 'the docker configuration is not valid JSON'],
  ['[]', 'the docker configuration is not a JSON object'],
  ['{"auths": 1}', "the docker configuration has no map 'auths'"],
])('what is wrong with %s is said without its content', (text, message) => {
  expect(() => parseDockerConfig(text)).toThrow(message);
});
