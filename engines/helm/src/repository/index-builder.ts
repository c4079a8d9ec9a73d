import { escapeHtmlJson } from '@flux/gotypes';
import { parseVersion } from '@flux/semver';
import { type IndexSyntax, mismatch } from './entry-fields.ts';
import { EntryStore, type Place } from './entry-store.ts';
import { type IndexEntry, readIndexEntry } from './index-entry.ts';

/** One version of a chart, as far as choosing one needs it. */
export interface IndexedVersion {
  readonly version: string;
  /** As the entry has it: RFC 3339. */
  readonly created: string;
  readonly place: Place;
}

/** An entry that waits for the others of its chart, already written out: text takes far less room than objects. */
interface WrittenEntry {
  readonly version: string;
  readonly created: string;
  readonly text: string;
}

/** Around an entry that is indented as deep as entries are. */
const before = '[\n  [\n    [\n      '.length;
const after = '\n    ]\n  ]\n]'.length;

/** Takes charts in any order, each with all its versions, and stores them sorted and written out as JSON (SRC-HREPO-11). */
export class IndexBuilder {
  readonly store = new EntryStore();
  /** Undefined stands for a list that is null. */
  readonly charts = new Map<string, IndexedVersion[] | undefined>();
  readonly #syntax: IndexSyntax;
  #open: { readonly name: string; readonly entries: WrittenEntry[] } | undefined;

  constructor(syntax: IndexSyntax) {
    this.#syntax = syntax;
  }

  /** Starts a chart; a name that comes again replaces what there was. */
  startChart(name: string): void {
    this.endChart();
    const own = detach(name);
    this.charts.set(own, undefined);
    this.#open = { name: own, entries: [] };
  }

  /** The chart that was started has a list, be it empty. */
  startList(): void {
    if (this.#open) this.charts.set(this.#open.name, []);
  }

  addEntry(value: unknown): void {
    const entry = readIndexEntry(value, this.#syntax);
    if (entry === undefined) return;
    const { version, created } = entry;
    this.#open?.entries.push({ version: detach(version), created: detach(created), text: formatEntry(entry) });
  }

  /** Sorts the versions of the chart, newest first, and stores them. */
  endChart(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.entries.length === 0) return;
    const indexed = sortEntries(open.entries).map(({ version, created, text }) => {
      return { version, created, place: this.store.add(text) };
    });
    this.charts.set(open.name, indexed);
  }

  finish(): void {
    this.endChart();
    this.store.finish();
  }
}

/** Throws for what stands where the versions of a chart belong, unless it is null. */
export function refuseVersions(value: unknown, syntax: IndexSyntax): void {
  if (value !== null) throw mismatch(value, { syntax, struct: 'IndexFile', path: 'entries' }, 'repo.ChartVersions');
}

/** Text that was cut out of a larger one keeps that alive; a copy does not. */
function detach(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}

/** JSON with two blanks a level, at the depth that entries have in the file. */
function formatEntry(entry: IndexEntry): string {
  return escapeHtmlJson(JSON.stringify([[[entry]]], undefined, 2).slice(before, -after));
}

/** Newest first; equal versions keep their order. */
function sortEntries(entries: WrittenEntry[]): WrittenEntry[] {
  if (entries.length < 2) return entries;
  const keyed = entries.map((entry) => ({ entry, version: parseVersion(entry.version) }));
  return keyed.sort((left, right) => right.version.compare(left.version)).map(({ entry }) => entry);
}
