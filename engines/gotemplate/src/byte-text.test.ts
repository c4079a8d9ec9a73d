import { expect, test } from 'vitest';
import { byteLength, bytesOf, parseTemplates, textOf } from './index.ts';

const render = (text: string, data: unknown = {}) => parseTemplates({ t: text }).execute('t', data);

test('bytes that are no UTF-8 survive the way through text', () => {
  const bytes = Buffer.from([0x61, 0xff, 0xc3, 0xa9, 0xc3, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x80, 0xf0, 0x9f]);

  expect(bytesOf(textOf(bytes)).equals(bytes)).toBe(true);
  expect(byteLength(textOf(bytes))).toBe(bytes.length);
});

test('any bytes survive, whatever their order', () => {
  let seed = 7;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return (seed >> 16) & 0xff;
  };
  for (let round = 0; round < 200; round++) {
    const bytes = Buffer.from(Array.from({ length: round % 40 }, next));
    expect(bytesOf(textOf(bytes)).equals(bytes)).toBe(true);
  }
});

test('text is cut, counted and quoted by bytes', () => {
  expect(
    render('{{ printf "%q" (slice "é" 0 1) }} {{ len "\\xff" }} {{ printf "%x" "\\xff" }} {{ index "é" 1 }}'),
  ).toBe('"\\xc3" 1 ff 169');
});

test('halves of a character that are printed one after the other are that character', () => {
  expect(render('{{ slice "é" 0 1 }}{{ slice "é" 1 2 }}')).toBe('é');
});

test('a large packed file can be encoded again and again, whatever is done with its bytes', () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 167) & 0xff));
  const text = textOf(bytes);

  bytesOf(text).fill(0);

  expect(bytesOf(text).equals(bytes)).toBe(true);
  expect(bytesOf(`${text}x`).equals(Buffer.concat([bytes, Buffer.from('x')]))).toBe(true);
});
