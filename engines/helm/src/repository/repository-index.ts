import { isJsonObject } from '@flux/apimachinery';
import { parseYaml, YamlError } from '@flux/yaml';
import { type IndexSyntax, mismatch } from './entry-fields.ts';
import type { EntryStore } from './entry-store.ts';
import { IndexBuilder, type IndexedVersion, refuseVersions } from './index-builder.ts';
import type { IndexEntry } from './index-entry.ts';
import { type IndexHead, readIndexHead } from './index-head.ts';
import { Irregular } from './irregular.ts';
import { readJsonIndex } from './read-json-index.ts';
import { indexYaml, readYamlIndex } from './read-yaml-index.ts';
import { IndexError } from './repository-error.ts';
import { TextWindow } from './text-window.ts';

/**
 * Bytes, or how to read them from their start; a file is read more than once if its layout is unusual. A chunk is not looked at
 * again once the next one is asked for.
 */
export type IndexSource = Uint8Array | (() => AsyncIterable<Uint8Array>);

export interface LoadIndexOptions {
  /** Default: 50 MiB (`--helm-index-max-size`). */
  maxBytes?: number;
}

const defaultMaxBytes = 50 * 1024 * 1024;
/** What the general parser, which needs many times the size of the text, is given at most. */
const maxGeneralBytes = 16 * 1024 * 1024;

/**
 * The index of a Helm repository. Entries are kept compressed and read when they are asked for, so that an index of 50 MB takes
 * some 10 MB.
 */
export class RepositoryIndex {
  readonly head: IndexHead;
  readonly #charts: ReadonlyMap<string, readonly IndexedVersion[] | undefined>;
  readonly #store: EntryStore;

  constructor(head: IndexHead, builder: IndexBuilder) {
    this.head = head;
    this.#charts = builder.charts;
    this.#store = builder.store;
  }

  /** The names of the charts, sorted. */
  names(): string[] {
    return [...this.#charts.keys()].sort();
  }

  /** The versions of a chart, newest first; undefined if there is no such chart. */
  versions(name: string): readonly IndexedVersion[] | undefined {
    return this.#charts.has(name) ? (this.#charts.get(name) ?? []) : undefined;
  }

  /** Whether the chart's list is null, which is written so again. */
  hasNullVersions(name: string): boolean {
    return this.#charts.has(name) && this.#charts.get(name) === undefined;
  }

  /** The whole entry. */
  entry({ place }: IndexedVersion): IndexEntry {
    // The text was written from an entry.
    return JSON.parse(this.#store.read(place).toString('utf8')) as IndexEntry;
  }

  /** The entry as JSON, indented as it stands in the file, without the indentation of its first line. */
  entryText({ place }: IndexedVersion): Uint8Array {
    return this.#store.read(place);
  }

  /** Bytes that the entries take in memory. */
  get storedBytes(): number {
    return this.#store.size;
  }
}

/** Loads an index, JSON or YAML, in a stream; throws `IndexError` with Flux's text (SRC-HREPO-09). */
export async function loadRepositoryIndex(
  source: IndexSource,
  { maxBytes = defaultMaxBytes }: LoadIndexOptions = {},
): Promise<RepositoryIndex> {
  const open = source instanceof Uint8Array ? () => slices(source) : source;
  const window = new TextWindow(open(), maxBytes);
  try {
    while (window.text.trim() === '' && (await window.grow()));
    if (window.bytes === 0) throw new IndexError('empty index.yaml file');
    return await readRegular(window);
  } catch (error) {
    await window.close();
    if (error instanceof Irregular || error instanceof YamlError) return readAnyLayout(open, maxBytes, error);
    throw toIndexError(error);
  }
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const step = 256 * 1024;
  for (let start = 0; start < bytes.length; start += step) yield bytes.subarray(start, start + step);
}

async function readRegular(window: TextWindow): Promise<RepositoryIndex> {
  const syntax = window.text.trimStart().startsWith('{') ? 'json' : 'yaml';
  const builder = new IndexBuilder(syntax);
  const fields = await (syntax === 'json' ? readJsonIndex : readYamlIndex)(window, builder);
  return finishIndex(fields, builder, syntax);
}

/** `entries` that were read with the other fields are put into the builder now. */
function finishIndex(fields: unknown, builder: IndexBuilder, syntax: IndexSyntax): RepositoryIndex {
  const entries = isJsonObject(fields) && Object.hasOwn(fields, 'entries') ? fields['entries'] : undefined;
  if (isJsonObject(entries)) addCharts(entries, builder, syntax);
  else if (entries !== undefined && entries !== null) {
    throw mismatch(entries, { syntax, struct: 'IndexFile', path: 'entries' }, 'map[string]repo.ChartVersions');
  }
  return new RepositoryIndex(readIndexHead(fields, syntax), builder);
}

function addCharts(entries: Record<string, unknown>, builder: IndexBuilder, syntax: IndexSyntax): void {
  for (const [name, versions] of Object.entries(entries)) {
    builder.startChart(name);
    if (Array.isArray(versions)) {
      builder.startList();
      for (const version of versions) builder.addEntry(version);
    } else {
      refuseVersions(versions, syntax);
    }
  }
  builder.finish();
}

async function readAnyLayout(
  open: () => AsyncIterable<Uint8Array>,
  maxBytes: number,
  reason: Error,
): Promise<RepositoryIndex> {
  const window = new TextWindow(open(), Math.min(maxBytes, maxGeneralBytes));
  try {
    while (await window.grow());
  } catch (error) {
    await window.close();
    if (window.bytes <= maxGeneralBytes) throw error;
    throw new IndexError(
      `an index of more than ${maxGeneralBytes} bytes has to be laid out as Helm writes it: ${reason.message}`,
    );
  }
  try {
    return finishIndex(parseYaml(window.text, indexYaml), new IndexBuilder('yaml'), 'yaml');
  } catch (error) {
    throw toIndexError(error);
  }
}

function toIndexError(error: unknown): unknown {
  if (error instanceof YamlError) {
    return new IndexError(`error converting YAML to JSON: ${error.message}`, { cause: error });
  }
  if (error instanceof RangeError) return new IndexError('the index is nested too deeply', { cause: error });
  return error;
}
