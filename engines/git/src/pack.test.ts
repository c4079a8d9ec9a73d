import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPack } from './pack.ts';
import { parseTree } from './tree.ts';

type Entry = { type: number; content: Buffer; base?: Buffer; offset?: number; declared?: number };

/** Size and type of an entry as packs have them. */
function header(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 128;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
}

function pack(entries: readonly Entry[], count = entries.length): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK', 'latin1');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  const body = Buffer.concat([
    head,
    ...entries.flatMap(({ type, content, base, offset, declared }) => [
      header(type, declared ?? content.length),
      ...(base ? [base] : []),
      ...(offset === undefined ? [] : [Buffer.from([offset])]),
      deflateSync(content),
    ]),
  ]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

const blob = (text: string): Entry => ({ type: 3, content: Buffer.from(text) });
const idOf = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
const texts = (objects: ReturnType<typeof readPack>) =>
  [...objects].map(([id, { content }]) => [id, content.toString()]);
/** Copies the whole base of 5 bytes, then adds `!`. */
const delta = Buffer.from([5, 6, 0x90, 5, 1, '!'.charCodeAt(0)]);

describe('readPack', () => {
  test('gives objects by the id of their content', () => {
    expect(texts(readPack(pack([blob('hello'), blob('')]), 1000))).toEqual([
      [idOf('hello'), 'hello'],
      [idOf(''), ''],
    ]);
  });

  test('applies deltas by offset and by id, also before their base', () => {
    const byOffset = pack([
      blob('hello'),
      { type: 6, content: delta, offset: header(3, 5).length + deflateSync('hello').length },
    ]);
    const byId = pack([{ type: 7, content: delta, base: Buffer.from(idOf('hello'), 'hex') }, blob('hello')]);

    for (const bytes of [byOffset, byId])
      expect(readPack(bytes, 1000).get(idOf('hello!'))?.content.toString()).toBe('hello!');
  });

  test.each([
    ['no pack', Buffer.from('PACKED'.repeat(20)), 'not a pack of version 2'],
    [
      'a changed byte',
      Buffer.from(pack([blob('x')]).map((byte, index) => (index === 13 ? byte ^ 1 : byte))),
      'checksum mismatch',
    ],
    ['fewer objects than declared', pack([blob('x')], 2), 'malformed pack'],
    ['a wrong size', pack([{ ...blob('hello'), declared: 4 }]), 'bad compression'],
    ['a size that is too long', pack([{ ...blob('hello'), declared: 6 }]), 'size mismatch'],
    ['an unknown type', pack([{ ...blob('x'), type: 5 }]), 'object type 5'],
    ['a delta without base', pack([{ type: 7, content: delta, base: Buffer.alloc(20) }]), 'delta without base'],
    [
      'a delta that leaves its base',
      pack([blob('hello'), { type: 6, content: Buffer.from([5, 6, 0x90, 6]), offset: 14 }]),
      'delta out of bounds',
    ],
    [
      'a delta for another base',
      pack([blob('hello'), { type: 6, content: Buffer.from([4, 6, 0x90, 4]), offset: 14 }]),
      'delta for another base',
    ],
    [
      'an empty instruction',
      pack([blob('hello'), { type: 6, content: Buffer.from([5, 6, 0]), offset: 14 }]),
      'delta out of bounds',
    ],
    [
      'a delta that stops early',
      pack([blob('hello'), { type: 6, content: Buffer.from([5, 6, 0x90, 5]), offset: 14 }]),
      'delta size mismatch',
    ],
  ])('refuses %s', (_title, bytes, message) => {
    expect(() => readPack(bytes, 1000)).toThrow(message);
  });

  test('a bomb ends before it is inflated, also one made of deltas', () => {
    expect(() => readPack(pack([blob('\0'.repeat(5_000_000))]), 1_000_000)).toThrow('malformed pack: too big');
    const hugeResult = Buffer.from([5, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, 5]);
    expect(() => readPack(pack([blob('hello'), { type: 6, content: hugeResult, offset: 14 }]), 1_000_000)).toThrow(
      'too big',
    );
  });

  test('never fails in another way than with its own error', () => {
    const whole = pack([blob('hello'), { type: 6, content: delta, offset: 14 }, blob('world'.repeat(50))]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 21), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          createHash('sha1')
            .update(bytes.subarray(0, -20))
            .digest()
            .copy(bytes, bytes.length - 20);
          try {
            readPack(bytes, 100_000);
          } catch (error) {
            expect(error).toMatchObject({ code: 'GIT' });
          }
        },
      ),
    );
  });
});

describe('parseTree', () => {
  const item = (mode: string, name: string) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.alloc(20, 1)]);

  test('reads modes, names and ids', () => {
    expect(parseTree(Buffer.concat([item('100644', 'a b'), item('40000', 'ü')]))).toEqual([
      { mode: '100644', name: 'a b', id: '01'.repeat(20) },
      { mode: '40000', name: 'ü', id: '01'.repeat(20) },
    ]);
  });

  test.each(['..', '.', '', 'a/b', '.git', '.GIT'])('refuses the name %j', (name) => {
    expect(() => parseTree(item('100644', name))).toThrow(`invalid path '${name}' in a tree`);
  });

  test('refuses what is cut short', () => {
    expect(() => parseTree(item('100644', 'a').subarray(0, 10))).toThrow('malformed tree');
  });
});
