import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gitEnvironment } from './environment.ts';

/** One request as the CGI program `git http-backend` is told of it. */
interface BackendRequest {
  /** Folder of the repositories. */
  root: string;
  /** Path below the root, `/fleet.git/info/refs`. */
  path: string;
  query: string;
  /** Authenticated user, or `anonymous`. */
  user: string;
  method: string;
  headers: IncomingHttpHeaders;
  remoteAddress: string;
  body: Readable;
}

/**
 * Answers one request of the smart HTTP protocol. Bodies are streamed both ways, compressed requests are unpacked by git.
 * Resolves to git's exit code when the answer is complete.
 */
export async function runHttpBackend(request: BackendRequest, response: ServerResponse): Promise<number> {
  const child = spawn('git', ['http-backend'], {
    env: backendEnvironment(request),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exit = new Promise<number>((resolve) => {
    child.once('error', () => resolve(-1));
    child.once('close', (code) => resolve(code ?? -1));
  });
  response.once('close', () => child.kill());
  void pipeline(request.body, child.stdin).catch(() => {}); // git may answer before it read everything
  try {
    await relay(child.stdout, response);
  } catch {
    response.destroy();
  }
  return exit;
}

function backendEnvironment({ root, path, query, user, method, headers, remoteAddress }: BackendRequest) {
  const header = (name: string) => String(headers[name] ?? '');
  return gitEnvironment(
    [
      ['http.receivepack', 'true'],
      ['http.uploadpack', 'true'],
      ['receive.denyDeleteCurrent', 'ignore'],
      ['uploadpack.allowFilter', 'true'],
      ['uploadpack.allowReachableSHA1InWant', 'true'],
    ],
    {
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: method,
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: header('content-length'),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      GIT_PROTOCOL: header('git-protocol'),
      REMOTE_USER: user,
      REMOTE_ADDR: remoteAddress,
      GIT_COMMITTER_NAME: user,
      GIT_COMMITTER_EMAIL: `${user}@localhost`,
    },
  );
}

const maxHeaderBytes = 64 * 1024;

/** Turns CGI output (headers, blank line, body) into an HTTP answer. */
async function relay(output: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of output) {
    if (head === undefined) {
      await write(response, chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length > maxHeaderBytes) break;
    if (end < 0) continue;
    writeHead(response, head.toString('latin1', 0, end));
    await write(response, head.subarray(end + 4));
    head = undefined;
  }
  if (head !== undefined) response.writeHead(500);
  response.end();
}

function writeHead(response: ServerResponse, head: string): void {
  const headers: [string, string][] = head.split('\r\n').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const status = Number.parseInt(headers.find(([name]) => name === 'Status')?.[1] ?? '200', 10);
  response.writeHead(status, headers.filter(([name]) => name !== 'Status').flat());
}

async function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  if (chunk.length === 0 || response.write(chunk)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
