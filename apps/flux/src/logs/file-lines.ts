import { type FileHandle, open, watch } from 'node:fs/promises';

/** The lines of a file; with `follow` also those that are appended later, until the signal aborts. */
export async function* fileLines(
  path: string,
  { follow, signal }: { follow: boolean; signal: AbortSignal },
): AsyncGenerator<string> {
  await using file = await open(path, 'r');
  const tail = new Tail(file);
  yield* tail.read();
  if (!follow) return;
  try {
    for await (const _ of watch(path, { signal })) yield* tail.read();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Reads on from where it stopped; an unfinished last line waits for its end. */
class Tail {
  readonly #file: FileHandle;
  readonly #decoder = new TextDecoder();
  #position = 0;
  #pending = '';

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async *read(): AsyncGenerator<string> {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      const lines = (this.#pending + this.#decoder.decode(buffer.subarray(0, bytesRead), { stream: true })).split('\n');
      this.#pending = lines.pop() ?? '';
      yield* lines;
    }
  }
}
