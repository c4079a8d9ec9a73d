import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Hex } from '@flux/crypto';
import { afterEach, expect, test } from 'vitest';
import { connectRegistry, parseReference, pullChart, type RegistryOptions } from './index.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const stack: AsyncDisposableStack[] = [];
const retry = { retries: 2, minMs: 0, maxMs: 0 };

afterEach(async () => {
  for (const one of stack.splice(0)) await one.disposeAsync();
});

/** A server of any manners; what a real registry does is tested with one. */
async function serve(listener: Listener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const closing = new AsyncDisposableStack();
  closing.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  stack.push(closing);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function connect(host: string, options: RegistryOptions = {}) {
  const client = connectRegistry(host, { insecure: true, retry, environment: {}, ...options });
  const closing = new AsyncDisposableStack();
  closing.use(client);
  stack.push(closing);
  return client;
}

const referenceOn = (host: string) => parseReference(`oci://${host}/charts/app:1.0.0`);
const credentials = { username: 'user', password: 'hunter2' };
const descriptorOf = (bytes: string, mediaType = 'x/y') => ({
  mediaType,
  digest: `sha256:${sha256Hex(bytes)}`,
  size: bytes.length,
});

test('tags are collected over pages', async () => {
  const host = await serve(({ url }, response) => {
    const isFirst = !url?.includes('last=');
    if (isFirst) response.setHeader('link', '</v2/charts/app/tags/list?last=b>; rel="next"');
    response.end(JSON.stringify({ tags: isFirst ? ['a', 'b'] : ['c'] }));
  });

  expect(await connect(host).tags(referenceOn(host))).toEqual(['a', 'b', 'c']);
});

test.each([
  ['http://198.51.100.1/v2/charts/app/tags/list', 'leads to another host'],
  ['/v2/charts/app/tags/list', 'leads to the same page'],
])('a next page at %s is refused', async (link, message) => {
  const host = await serve((_, response) => response.setHeader('link', `<${link}>; rel="next"`).end('{"tags":[]}'));

  await expect(connect(host).tags(referenceOn(host))).rejects.toThrow(message);
});

test('credentials do not follow a redirect to another host, and are not given to it on demand', async () => {
  const seen: (string | undefined)[] = [];
  const storage = await serve(({ headers }, response) => {
    seen.push(headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
  });
  const host = await serve(({ headers, url }, response) => {
    if (!headers.authorization) response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    else response.writeHead(307, { location: `http://${storage}${url}` }).end();
  });
  const client = connect(host, { credentials });

  await expect(client.pullBlob(referenceOn(host), descriptorOf('x'))).rejects.toMatchObject({ status: 401 });
  expect(seen).toEqual([undefined]);
});

test.each([
  ['http://169.254.169.254/token', 'is a loopback, link-local, private, or unspecified address'],
  ['http://localhost:1/token', 'is a loopback, link-local, private, or unspecified address'],
  ['file:///etc/passwd', 'uses unsupported scheme "file"'],
  ['nothing', 'failed to parse bearer realm'],
])('credentials are not sent to a token server at %s', async (realm, message) => {
  const host = await serve((_, response) =>
    response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` }).end(),
  );

  await expect(connect(host, { credentials }).tags(referenceOn(host))).rejects.toThrow(message);
});

test('a token that is no longer good is fetched anew', async () => {
  let issued = 0;
  let valid = '';
  const host = await serve(({ url, headers }, response) => {
    if (url?.startsWith('/token')) {
      issued++;
      valid = `token-${issued}`;
      response.end(JSON.stringify({ access_token: valid }));
    } else if (headers.authorization === `Bearer ${valid}`) {
      response.end('{"tags":["a"]}');
      valid = 'expired';
    } else {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end();
    }
  });
  const client = connect(host);

  expect(await client.tags(referenceOn(host))).toEqual(['a']);
  expect(await client.tags(referenceOn(host))).toEqual(['a']);
  expect(issued).toBe(2);
});

test.each([
  ['no JSON', '<html>', 'did not answer with JSON'],
  ['no token', '{}', 'gave no token'],
  ['a line break', '{"token":"a\\r\\nx: y"}', 'gave no token'],
])('a token server that answers with %s is an error', async (_, body, message) => {
  const host = await serve(({ url, headers }, response) => {
    if (url?.startsWith('/token')) response.end(body);
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }).end();
  });

  await expect(connect(host).tags(referenceOn(host))).rejects.toThrow(message);
});

test('what is read is tried again when the registry is busy, what is written is not', async () => {
  let requests = 0;
  const host = await serve((_, response) => {
    requests++;
    if (requests === 2) response.end('{"tags":["a"]}');
    else response.writeHead(503).end('busy');
  });
  const client = connect(host);

  expect(await client.tags(referenceOn(host))).toEqual(['a']);
  await expect(client.tags(referenceOn(host))).rejects.toThrow(
    `GET "http://${host}/v2/charts/app/tags/list": response status code 503: Service Unavailable`,
  );
  requests = 10;
  await expect(client.pushManifest(referenceOn(host), {}, 'x/y')).rejects.toMatchObject({ status: 503 });
  expect(requests).toBe(11);
});

test('a connection that breaks is tried again, one that is refused is not', async () => {
  let requests = 0;
  const host = await serve((request, response) => {
    requests++;
    if (requests === 1) request.socket.destroy();
    else response.end('{"tags":["a"]}');
  });

  expect(await connect(host).tags(referenceOn(host))).toEqual(['a']);
  const slow = { retry: { retries: 1, minMs: 3_600_000, maxMs: 3_600_000 } };
  await expect(connect('127.0.0.1:1', slow).tags(referenceOn('127.0.0.1:1'))).rejects.toThrow(
    'connect: connection refused',
  );
});

test.each([
  ['too short', 'abc', 'ends after 3 of 5 bytes'],
  ['too long', 'abcdefgh', 'is larger than the 5 bytes'],
  ['other', 'fghij', 'content has the digest'],
])('a blob that is %s is an error', async (_, body, message) => {
  const host = await serve((_request, response) => response.end(body));

  await expect(connect(host).pullBytes(referenceOn(host), descriptorOf('abcde'))).rejects.toThrow(message);
});

test('a blob over the limit is not asked for', async () => {
  await expect(
    connect('registry.invalid').pullBlob(referenceOn('registry.invalid'), descriptorOf('abc'), { maxBytes: 2 }),
  ).rejects.toThrow('is larger than the limit of 2 bytes');
});

test('a manifest must have the digest that it was asked for by', async () => {
  const host = await serve((_, response) => response.setHeader('content-type', 'x/y').end('{}'));
  const reference = { ...referenceOn(host), digest: `sha256:${'0'.repeat(64)}` };

  await expect(connect(host).manifest(reference)).rejects.toMatchObject({ code: 'OCI_INTEGRITY' });
  await expect(connect(host).resolve(reference)).rejects.toMatchObject({ code: 'OCI_INTEGRITY' });
});

test('of an index the manifest of the chart is taken', async () => {
  const chart = 'chart';
  const config = descriptorOf('{}', 'application/vnd.cncf.helm.config.v1+json');
  const layer = descriptorOf(chart, 'application/vnd.cncf.helm.chart.content.v1.tar+gzip');
  const manifest = JSON.stringify({ schemaVersion: 2, config, layers: [layer] });
  const named = descriptorOf(manifest, 'application/vnd.oci.image.manifest.v1+json');
  const other = descriptorOf('other');
  const fitting = { ...named, artifactType: config.mediaType };
  const content: Record<string, string> = { [named.digest]: manifest, [layer.digest]: chart };
  const host = await serve(({ url }, response) => {
    response.end(content[url!.split('/').at(-1)!] ?? JSON.stringify({ schemaVersion: 2, manifests: [other, fitting] }));
  });
  const client = connect(host);

  const pulled = await pullChart(client, referenceOn(host));

  expect(pulled).toMatchObject({ digest: named.digest, chartDigest: layer.digest });
  expect(Buffer.from(pulled.data).toString()).toBe(chart);
});

test.each([
  ['[]', 'the manifest is not a JSON object'],
  ['{"config":1}', "the manifest has no 'config'"],
  ['{"config":{"digest":"sha256:x","size":1}}', "the manifest's 'config' has no valid digest"],
  [`{"config":{"digest":"sha256:${'a'.repeat(64)}","size":-1}}`, "the manifest's 'config' has no valid size"],
  [`{"config":{"digest":"sha256:${'a'.repeat(64)}","size":1},"layers":{}}`, "the manifest's 'layers' is not a list"],
  [
    `{"config":{"digest":"sha256:${'a'.repeat(64)}","size":1}}`,
    'could not load config with mediatype application/vnd.cncf.helm.config.v1+json',
  ],
])('the manifest %s is no chart', async (body, message) => {
  const host = await serve((_, response) => response.end(body));

  await expect(pullChart(connect(host), referenceOn(host))).rejects.toThrow(message);
});

test('an upload to another host is refused', async () => {
  const host = await serve(({ method }, response) => {
    if (method === 'HEAD') response.writeHead(404).end();
    else response.writeHead(202, { location: 'http://198.51.100.1/upload' }).end();
  });

  await expect(connect(host).pushBlob(referenceOn(host), Buffer.from('x'), 'x/y')).rejects.toThrow('refused to upload');
});

test('no error shows a password', async () => {
  const host = await serve((_, response) =>
    response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('no'),
  );
  const client = connect(host, { credentials });
  const failure: unknown = await client.tags(referenceOn(host)).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(Error);
  expect(JSON.stringify([failure, String(failure), (failure as Error).stack])).not.toMatch(/hunter2|dXNlcjpodW50ZXIy/);
});

test('an abort ends a request', async () => {
  const host = await serve(() => {});

  await expect(
    connect(host, { signal: AbortSignal.abort(new Error('stopped')) }).tags(referenceOn(host)),
  ).rejects.toThrow('stopped');
});
