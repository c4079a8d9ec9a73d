import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Dispatcher } from 'undici';

/** The whole body as text, unpacked when the server packed it. The limit counts what comes out. */
export async function readText(answer: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  return collect(answer.headers['content-encoding'] === 'gzip' ? await unpacked(answer.body) : answer.body, maxBytes);
}

async function unpacked(body: Readable): Promise<Readable> {
  const { createGunzip } = await import('node:zlib');
  const text = createGunzip();
  body.once('error', (error) => text.destroy(error));
  text.once('close', () => body.destroy());
  return body.pipe(text);
}

/**
 * By events: an async iterator costs several times as much for the small answers that most are. Decoded piece by piece,
 * since copies of a large answer outside of the heap are collected late.
 */
function collect(body: Readable, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let decoder: StringDecoder | undefined;
    let first: Buffer | undefined;
    let text = '';
    let bytes = 0;
    const decode = (chunk: Buffer) => {
      decoder ??= new StringDecoder('utf8');
      text += decoder.write(chunk);
    };
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) body.destroy(new Error(`the answer is larger than ${maxBytes} bytes`));
      else if (bytes === chunk.length) first = chunk;
      else {
        if (first) decode(first);
        first = undefined;
        decode(chunk);
      }
    });
    let isWhole = false;
    body.once('end', () => {
      isWhole = true;
      resolve(first ? first.toString('utf8') : text + (decoder?.end() ?? ''));
    });
    body.once('error', reject);
    body.once('close', () => {
      if (!isWhole) reject(new Error('the connection was closed before the answer was complete'));
    });
  });
}
