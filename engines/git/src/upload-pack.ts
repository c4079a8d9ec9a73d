import { HttpError, type HttpResponse } from '@flux/http';
import { GitError } from './git-error.ts';
import { pktLine, readPktLength } from './pkt-line.ts';
import type { RemoteSession } from './remote-session.ts';

/** What is asked of the server where it can do it; several servers insist on multi_ack. */
const wantedCapabilities = ['multi_ack_detailed', 'side-band-64k', 'ofs-delta', 'shallow', 'no-progress'];

/** A pack with the wanted objects and all that they need, without history; at most `maxBytes`. */
export async function fetchShallowPack(
  session: RemoteSession,
  wants: readonly string[],
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const capabilities = wantedCapabilities.filter((name) => session.capabilities.has(name));
  const [first = '', ...others] = wants;
  const body = [
    pktLine(`want ${first} ${capabilities.join(' ')} agent=flux/1\n`),
    ...others.map((id) => pktLine(`want ${id}\n`)),
    pktLine('deepen 1\n'),
    '0000',
    pktLine('done\n'),
  ].join('');
  try {
    const response = await session.client.stream(`${session.baseUrl}/git-upload-pack`, {
      method: 'POST',
      body,
      maxBytes,
      headers: {
        ...session.headers,
        'content-type': 'application/x-git-upload-pack-request',
        accept: 'application/x-git-upload-pack-result',
      },
      ...(signal ? { signal } : {}),
    });
    return await readResult(response, capabilities.includes('side-band-64k'));
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof HttpError ? new GitError('connection', error.message, { cause: error }) : error;
  }
}

async function readResult(response: HttpResponse, isMultiplexed: boolean): Promise<Buffer> {
  if (response.status !== 200) {
    await response.discard();
    throw new GitError('connection', `git-upload-pack answered with status ${response.status}`);
  }
  return extractPack(Buffer.concat(await Array.fromAsync(response.body)), isMultiplexed);
}

/** Shallow lines, a flush and NAK come first; then the pack, bare or in bands: 1 data, 2 progress, 3 error. */
function extractPack(bytes: Buffer, isMultiplexed: boolean): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (!isMultiplexed && bytes.toString('latin1', at, at + 4) === 'PACK') return bytes.subarray(at);
    const length = readPktLength(bytes, at);
    if (length === undefined || at + length > bytes.length) throw new GitError('invalid', 'invalid pkt-len found');
    const line = bytes.subarray(at + 4, at + length);
    at += Math.max(length, 4);
    const text = line.toString('latin1', 0, 4);
    if (text === 'ERR ') throw new GitError('process', line.toString('utf8', 4).trim());
    if (line[0] === 1) chunks.push(line.subarray(1));
    if (line[0] === 3) throw new GitError('process', line.toString('utf8', 1).trim());
  }
  return Buffer.concat(chunks);
}
