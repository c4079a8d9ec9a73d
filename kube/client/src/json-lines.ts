import { FluxError } from '@flux/errors';
import { parseJson } from '@flux/yaml';

/** A stream of JSON values broke its framing or its size limit. */
export class StreamError extends FluxError {
  override readonly code = 'STREAM';
}

const newline = 0x0a;

/**
 * Decodes one JSON value a line. A last line without its end is dropped: the connection was cut there, and what it said
 * comes again after a resume.
 */
export async function* decodeJsonLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      pending.push(chunk.subarray(start, end));
      assertLineSize(pendingBytes + end - start, maxLineBytes);
      const line = decoder.decode(join(pending));
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.trim() !== '') yield parseLine(line);
    }
    if (start < chunk.length) {
      pending.push(chunk.subarray(start));
      pendingBytes += chunk.length - start;
      assertLineSize(pendingBytes, maxLineBytes);
    }
  }
}

function join(parts: Uint8Array[]): Uint8Array {
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

function parseLine(line: string): unknown {
  try {
    return parseJson(line);
  } catch (cause) {
    throw new StreamError(`unable to decode an event from the watch stream: ${(cause as Error).message}`, { cause });
  }
}

function assertLineSize(bytes: number, maxLineBytes: number): void {
  if (bytes > maxLineBytes) {
    throw new StreamError(`unable to decode an event from the watch stream: longer than ${maxLineBytes} bytes`);
  }
}
