import { type IndexBuilder, refuseVersions } from './index-builder.ts';
import { Irregular } from './irregular.ts';
import type { TextWindow } from './text-window.ts';

/** Text before the reading position is dropped when there is this much of it. */
const dropLength = 512 * 1024;

/** Reads a JSON index of any layout, one version at a time. Throws `Irregular` where it is no JSON. Gives back the other fields. */
export async function readJsonIndex(window: TextWindow, builder: IndexBuilder): Promise<unknown> {
  const reader = new JsonReader(window);
  const head: [string, unknown][] = [];
  await reader.readObject(async (key) => {
    if (key === 'entries' && (await reader.peek()) === '{')
      await reader.readObject((name) => readChart(reader, name, builder));
    else head.push([key, await reader.readValue()]);
  });
  await reader.readEnd();
  builder.finish();
  return Object.fromEntries(head);
}

async function readChart(reader: JsonReader, name: string, builder: IndexBuilder): Promise<void> {
  builder.startChart(name);
  if ((await reader.peek()) === '[') {
    builder.startList();
    await reader.readArray(async () => builder.addEntry(await reader.readValue()));
  } else {
    refuseVersions(await reader.readValue(), 'json');
  }
}

/** Takes JSON apart down to values that are parsed whole. */
class JsonReader {
  readonly #window: TextWindow;

  constructor(window: TextWindow) {
    this.#window = window;
  }

  /** The next character that is no white space; it stays there. */
  async peek(): Promise<string> {
    const window = this.#window;
    for (;;) {
      const { text } = window;
      while (isSpace(text.charCodeAt(window.position))) window.position += 1;
      if (window.position < text.length) return text[window.position]!;
      window.drop(window.position);
      if (!(await window.grow())) throw new Irregular('the JSON ends early');
    }
  }

  async readObject(readMember: (key: string) => Promise<void>): Promise<void> {
    await this.#expect('{');
    if ((await this.peek()) === '}') return this.#expect('}');
    do {
      if ((await this.peek()) !== '"') throw new Irregular('a key is expected');
      const key = await this.readValue();
      await this.#expect(':');
      await readMember(String(key));
    } while (await this.#hasNext('}'));
  }

  async readArray(readItem: () => Promise<void>): Promise<void> {
    await this.#expect('[');
    if ((await this.peek()) === ']') return this.#expect(']');
    do await readItem();
    while (await this.#hasNext(']'));
  }

  async readValue(): Promise<unknown> {
    await this.peek();
    const window = this.#window;
    if (window.position > dropLength) window.drop(window.position);
    let end = findEnd(window.text, window.position);
    while (end === -1 || (end === window.text.length && !window.isAtEnd)) {
      window.drop(window.position);
      if (!(await window.grow())) throw new Irregular('the JSON ends early');
      end = findEnd(window.text, window.position);
    }
    const text = window.text.slice(window.position, end);
    window.position = end;
    try {
      return JSON.parse(text);
    } catch {
      throw new Irregular('a value is no JSON');
    }
  }

  /** Nothing but white space may follow. */
  async readEnd(): Promise<void> {
    const window = this.#window;
    do {
      if (window.text.slice(window.position).trim() !== '') throw new Irregular('something follows the JSON');
      window.drop(window.text.length);
      window.position = 0;
    } while (await window.grow());
  }

  async #expect(character: string): Promise<void> {
    if ((await this.peek()) !== character) throw new Irregular(`${character} is expected`);
    this.#window.position += 1;
  }

  async #hasNext(close: string): Promise<boolean> {
    const found = await this.peek();
    if (found !== ',' && found !== close) throw new Irregular(`, or ${close} is expected`);
    this.#window.position += 1;
    return found === ',';
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Where the value ends, or -1 if the text does. */
function findEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return findStringEnd(text, start);
  if (first === '{' || first === '[') return findBracketEnd(text, start);
  let end = start;
  while (end < text.length && !isSpace(text.charCodeAt(end)) && !',]}'.includes(text[end]!)) end += 1;
  return end;
}

function findStringEnd(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return -1;
}

/** Which bracket closes which is left to the parser. */
function findBracketEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = findStringEnd(text, at) - 1;
      if (at < 0) return -1;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
    } else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
