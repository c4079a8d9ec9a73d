import type { Readable } from 'node:stream';
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

/** By events: an async iterator costs several times as much for the small answers that most are. */
function collect(body: Readable, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    body.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) body.destroy(new Error(`the answer is larger than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    body.once('end', () => {
      const whole = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes);
      resolve(whole.toString('utf8'));
    });
    body.once('error', reject);
    body.once('close', () => reject(new Error('the connection was closed before the answer was complete')));
  });
}
