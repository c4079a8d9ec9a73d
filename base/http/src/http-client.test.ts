import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueCertificate } from '@flux/crypto';
import { afterEach, expect, test } from 'vitest';
import { createHttpClient, type HttpClientOptions, proxyFromEnvironment } from './index.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server, scheme = 'http'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (listener: RequestListener) => listen(createServer(listener));

function client(options: HttpClientOptions = { environment: {} }) {
  const made = createHttpClient(options);
  closers.push(() => made[Symbol.asyncDispose]());
  return made;
}

test('any status is an answer; bodies come whole', async () => {
  const base = await serve((_, response) => response.writeHead(418, { 'x-a': ['1', '2'] }).end('tea'));

  const answer = await client().bytes(base);

  expect(answer).toMatchObject({ status: 418, headers: { 'x-a': '1, 2' }, url: `${base}/` });
  expect(Buffer.from(answer.body).toString()).toBe('tea');
});

test('a body over the limit is an error', async () => {
  const base = await serve((_, response) => response.end('x'.repeat(1000)));

  await expect(client().bytes(base, { maxBytes: 999 })).rejects.toMatchObject({ failure: 'tooLarge' });
});

test('redirects never carry credentials to another origin', async () => {
  const seen: IncomingMessage['headers'][] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers);
    response.end('other');
  });
  const base = await serve((request, response) => {
    seen.push(request.headers);
    response.writeHead(302, { location: request.url === '/start' ? '/same' : `${other}/end` }).end();
  });

  const answer = await client().bytes(`${base}/start`, {
    headers: { Authorization: 'Basic x', Cookie: 'c', 'X-Other': '1' },
  });

  expect(answer.url).toBe(`${other}/end`);
  expect(seen.map(({ authorization, cookie }) => [authorization, cookie])).toEqual([
    ['Basic x', 'c'],
    ['Basic x', 'c'],
    [undefined, undefined],
  ]);
  expect(seen[2]!['x-other']).toBe('1');
});

test('a redirect loop and a redirect to another protocol end', async () => {
  const base = await serve((request, response) =>
    response.writeHead(302, { location: request.url === '/file' ? 'file:///etc/passwd' : '/loop' }).end(),
  );

  await expect(client().stream(`${base}/loop`)).rejects.toThrow(`Get "${base}/loop": stopped after 10 redirects`);
  await expect(client().stream(`${base}/file`)).rejects.toThrow('unsupported protocol scheme "file"');
});

test('connection failures read as in Go', async () => {
  await expect(client().stream('http://127.0.0.1:1/x')).rejects.toThrow(
    'Get "http://127.0.0.1:1/x": dial tcp 127.0.0.1:1: connect: connection refused',
  );
  await expect(client().stream('http://nowhere.invalid/x')).rejects.toThrow(
    'Get "http://nowhere.invalid/x": dial tcp: lookup nowhere.invalid: no such host',
  );
});

test('a server that never answers runs into the timeout, an abort keeps its reason', async () => {
  const base = await serve(() => {});

  await expect(client().stream(base, { timeoutMs: 50 })).rejects.toThrow(`Get "${base}": context deadline exceeded`);
  const stop = new AbortController();
  const pending = client().stream(base, { signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(pending).rejects.toThrow('stopped');
});

test('given authorities are trusted, others are not; client certificates are sent', async () => {
  const authority = await createAuthority({ commonName: 'ca', days: 1 });
  const server = await issueCertificate(authority, {
    commonName: 's',
    ipAddresses: ['127.0.0.1'],
    days: 1,
    usage: 'server',
  });
  const user = await issueCertificate(authority, { commonName: 'jane', days: 1, usage: 'client' });
  const base = await listen(
    createTlsServer(
      { cert: server.certPem, key: server.keyPem, ca: authority.certPem, requestCert: true },
      (request, response) => {
        response.end(String((request.socket as import('node:tls').TLSSocket).getPeerCertificate().subject?.CN));
      },
    ),
    'https',
  );

  await expect(client().stream(base)).rejects.toThrow(
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  );
  const trusted = client({ tls: { ca: authority.certPem, cert: user.certPem, key: user.keyPem }, environment: {} });
  expect(Buffer.from((await trusted.bytes(base)).body).toString()).toBe('jane');
});

test('a proxy is used with its credentials: plain requests are forwarded, TLS is tunnelled', async () => {
  const requests: string[] = [];
  const proxy = createServer((request, response) => {
    requests.push(`${request.url} ${request.headers['proxy-authorization']}`);
    response.end('forwarded');
  });
  proxy.on('connect', (request, socket) => {
    requests.push(`CONNECT ${request.url}`);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  const url = await listen(proxy);
  const through = client({ proxy: { url, username: 'u', password: 'p' } });

  const answer = await through.bytes('http://target.invalid/x');
  await expect(through.bytes('https://target.invalid/x')).rejects.toThrow('403');

  expect(Buffer.from(answer.body).toString()).toBe('forwarded');
  expect(requests).toEqual([
    `http://target.invalid/x Basic ${Buffer.from('u:p').toString('base64')}`,
    'CONNECT target.invalid:443',
  ]);
});

test.each([
  ['https://example.com/x', { HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128'],
  ['http://example.com/x', { HTTPS_PROXY: 'proxy:3128' }, undefined],
  ['http://example.com/x', { http_proxy: 'http://p', no_proxy: 'other.org' }, 'http://p'],
  ['http://a.example.com/', { http_proxy: 'http://p', NO_PROXY: 'example.com' }, undefined],
  ['http://example.com/', { http_proxy: 'http://p', NO_PROXY: '.example.com' }, 'http://p'],
  ['http://badexample.com/', { http_proxy: 'http://p', NO_PROXY: 'example.com' }, 'http://p'],
  ['http://10.1.2.3/', { http_proxy: 'http://p', NO_PROXY: '10.0.0.0/8' }, undefined],
  ['http://example.com:8080/', { http_proxy: 'http://p', NO_PROXY: 'example.com:8081' }, 'http://p'],
  ['http://localhost:8080/', { http_proxy: 'http://p' }, undefined],
  ['http://example.com/', { http_proxy: 'http://p', NO_PROXY: '*' }, undefined],
])('the proxy of %s with %j is %s (SRC-FLAG-08)', (url, environment, want) => {
  expect(proxyFromEnvironment(new URL(url), environment)).toBe(want);
});

test('a redirect can be refused with a reason', async () => {
  const base = await serve((_, response) => response.writeHead(302, { location: 'http://198.51.100.1/' }).end());
  const refuseRedirect = (from: URL, to: URL) => (from.host === to.host ? undefined : `not to ${to.hostname}`);

  await expect(client().stream(base, { refuseRedirect })).rejects.toMatchObject({
    failure: 'redirect',
    message: `Get "${base}": not to 198.51.100.1`,
  });
});
