import { isJsonObject } from '@flux/apimachinery';
import { parseYaml } from '@flux/yaml';
import type { IndexBuilder } from './index-builder.ts';
import { Irregular } from './irregular.ts';
import type { TextWindow } from './text-window.ts';

const space = 0x20;
const dash = 0x2d;
const hash = 0x23;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Entries are parsed together until there is this much text of them. */
const batchLength = 64 * 1024;
/** One entry that is longer is not regular. */
const maxBatchLength = 4 * 1024 * 1024;
const maxHeadLength = 1024 * 1024;
/** How YAML of indexes is read: aliases are rare, and enough of them make a bomb. */
export const indexYaml = { strict: true, maxAliases: 1_000 } as const;
/** Keys that are text without any doubt; `yes` and `null` are not among them. */
const plainName = /^(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][A-Za-z0-9_.-]*$/i;

/**
 * Reads the layout that Helm writes, line by line: `entries:`, a name a chart at one depth, `- ` for each version at one depth.
 * Only a batch of versions is parsed at a time. Throws `Irregular` where the layout is another. Gives back the other fields.
 */
export async function readYamlIndex(window: TextWindow, builder: IndexBuilder): Promise<unknown> {
  const reader = new YamlIndexReader(window, builder);
  for (;;) {
    reader.readLines();
    reader.dropRead();
    if (!(await window.grow())) break;
  }
  return reader.finish();
}

class YamlIndexReader {
  readonly #window: TextWindow;
  readonly #builder: IndexBuilder;
  #head = '';
  #isInEntries = false;
  #hasEntries = false;
  #nameIndent = -1;
  #itemIndent = -1;
  /** Where the batch of versions begins, or -1. */
  #batchStart = -1;

  constructor(window: TextWindow, builder: IndexBuilder) {
    this.#window = window;
    this.#builder = builder;
  }

  /** Reads all lines that are there as a whole. */
  readLines(): void {
    const window = this.#window;
    for (;;) {
      const end = window.text.indexOf('\n', window.position);
      if (end === -1 && !(window.isAtEnd && window.position < window.text.length)) return;
      const start = window.position;
      window.position = end === -1 ? window.text.length : end + 1;
      this.#readLine(start, end === -1 ? window.text.length : end);
    }
  }

  /** Lets go of the text that was dealt with. */
  dropRead(): void {
    const keepFrom = this.#batchStart === -1 ? this.#window.position : this.#batchStart;
    if (this.#window.position - keepFrom > maxBatchLength) throw new Irregular('an entry is too long');
    this.#window.drop(keepFrom);
    if (this.#batchStart !== -1) this.#batchStart = 0;
  }

  finish(): unknown {
    this.#endBatch(this.#window.text.length);
    this.#builder.finish();
    return parseYaml(this.#head, indexYaml);
  }

  #readLine(start: number, end: number): void {
    const { text } = this.#window;
    let first = start;
    while (text.charCodeAt(first) === space) first += 1;
    const code = first >= end ? lineFeed : text.charCodeAt(first);
    const isContent = code !== lineFeed && code !== carriageReturn && code !== hash;
    if (isContent && first === start) this.#isInEntries = false;
    if (!this.#isInEntries) this.#readTopLine(start, end, isContent && first === start);
    else if (isContent) this.#readEntryLine(start, first, end, code);
  }

  #readTopLine(start: number, end: number, isKey: boolean): void {
    const line = this.#window.text.slice(start, end);
    if (isKey) this.#endBatch(start);
    if (isKey && /^entries:\s*(?:#.*)?$/.test(line)) {
      if (this.#hasEntries) throw new Irregular('there are two maps of entries');
      this.#isInEntries = true;
      this.#hasEntries = true;
      return;
    }
    if (/^---\s*$/.test(line) && this.#head.trim() === '' && !this.#hasEntries) return;
    if (/^(?:---|\.\.\.|%|\?)/.test(line)) throw new Irregular('there is more than one document');
    if (/^(["'])?entries\1\s*:/.test(line) && this.#hasEntries) throw new Irregular('there are two maps of entries');
    this.#head += `${line}\n`;
    if (this.#head.length > maxHeadLength) throw new Irregular('there is much besides the entries');
  }

  #readEntryLine(start: number, first: number, end: number, code: number): void {
    const indent = first - start;
    if (this.#nameIndent === -1) this.#nameIndent = indent;
    if (code === dash && isBlank(this.#window.text.charCodeAt(first + 1)) && this.#startItem(start, indent)) return;
    if (indent === this.#nameIndent) this.#startChart(start, first, end);
    else if (this.#batchStart === -1 || indent <= this.#itemIndent)
      throw new Irregular('a line is indented in another way');
  }

  #startItem(start: number, indent: number): boolean {
    if (this.#itemIndent === -1) this.#itemIndent = indent;
    if (indent !== this.#itemIndent) return false;
    if (indent < this.#nameIndent || this.#builder.charts.size === 0)
      throw new Irregular('a list stands where no chart does');
    if (this.#batchStart !== -1 && start - this.#batchStart > batchLength) this.#endBatch(start);
    if (this.#batchStart === -1) this.#batchStart = start;
    return true;
  }

  #startChart(start: number, first: number, end: number): void {
    this.#endBatch(start);
    const line = this.#window.text.slice(first, end).trimEnd();
    const colon = line.length - 1;
    if (line.endsWith(':') && plainName.test(line.slice(0, colon))) {
      this.#addChart(line.slice(0, colon));
      return;
    }
    const parsed = parseYaml(line, indexYaml);
    if (!isJsonObject(parsed)) throw new Irregular('a chart has no name');
    for (const [name, versions] of Object.entries(parsed)) {
      this.#addChart(name);
      if (Array.isArray(versions) && versions.length === 0) this.#builder.startList();
      else if (versions !== null) throw new Irregular('a list of versions is written on one line');
    }
  }

  #addChart(name: string): void {
    if (this.#builder.charts.has(name)) throw new Irregular('a chart is there twice');
    this.#builder.startChart(name);
  }

  /** Parses the versions that were collected. */
  #endBatch(end: number): void {
    if (this.#batchStart === -1) return;
    const entries = parseYaml(this.#window.text.slice(this.#batchStart, end), indexYaml);
    this.#batchStart = -1;
    if (!Array.isArray(entries)) throw new Irregular('a chart has no list of versions');
    this.#builder.startList();
    for (const entry of entries) this.#builder.addEntry(entry);
  }
}

function isBlank(code: number): boolean {
  return code === space || code === lineFeed || code === carriageReturn || Number.isNaN(code);
}
