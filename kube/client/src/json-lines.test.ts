import { expect, test } from 'vitest';
import { decodeJsonLines } from './json-lines.ts';

async function* chunksOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

test('values are found wherever the chunks are cut', async () => {
  const text = '{"a":1}\n\n{"name":"jöhn"}\n{"big":9007199254740993}\n';

  for (const size of [1, 2, 3, 7, 1000]) {
    const values = await Array.fromAsync(decodeJsonLines(chunksOf(text, size), 100));
    expect(values).toEqual([{ a: 1 }, { name: 'jöhn' }, { big: 9007199254740993n }]);
  }
});

test('a line cut at the end of the stream is dropped', async () => {
  expect(await Array.fromAsync(decodeJsonLines(chunksOf('{"a":1}\n{"b":', 4), 100))).toEqual([{ a: 1 }]);
});

test('a line beyond the limit ends the stream before it is held in memory', async () => {
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) yield new Uint8Array(1024).fill(0x61);
  }

  await expect(Array.fromAsync(decodeJsonLines(endless(), 10_000))).rejects.toThrow('longer than 10000 bytes');
});

test('garbage is an error that names the stream', async () => {
  await expect(Array.fromAsync(decodeJsonLines(chunksOf('nope\n', 9), 100))).rejects.toMatchObject({ code: 'STREAM' });
});
