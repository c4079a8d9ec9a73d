import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DataDirectoryError, StorageWriteError } from '../errors.ts';
import { damaged, describeOpenError, openDatabase, readCounter } from './open-database.ts';
import { added, checksum, emptySeal, isEqualSeal, removed, type Seal, writeSeal } from './seal.ts';

/** One change on its way to disk. `text` is absent for a deletion. */
export interface Change {
  resource: string;
  key: string;
  revision: number;
  text?: string;
}

/** Reads everything that was stored, in no particular order. */
export type Loader = (resource: string, key: string, text: string) => void;

/**
 * SQLite below the in-memory state. Guarantees: `commit` returns after the changes are on disk (WAL with full sync); a
 * process killed at any moment loses nothing committed, and a torn write at the end of the log loses that commit whole; what
 * cannot be read back as it was written is an error at opening, never a missing or changed object (`seal.ts`); a second
 * process cannot open the directory while this one lives (SQLite's file lock, which the kernel releases with the process,
 * so no lock can be left behind).
 */
export class Database {
  readonly #database: DatabaseSync;
  readonly #directory: string;
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #setCounter: StatementSync;
  #seal: Seal;

  constructor(database: DatabaseSync, directory: string) {
    this.#database = database;
    this.#directory = directory;
    this.#find = database.prepare('SELECT crc FROM objects WHERE resource = ? AND key = ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO objects (resource, key, text, crc) VALUES (?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
    this.#setCounter = database.prepare('INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)');
    this.#seal = { count: readCounter(database, 'objects') ?? 0, sum: readCounter(database, 'checksums') ?? 0 };
  }

  static async open(directory: string): Promise<Database> {
    const database = await openDatabase(directory);
    try {
      return new Database(database, directory);
    } catch (error) {
      database.close();
      throw describeOpenError(error, directory);
    }
  }

  /** Answers the newest revision. Throws `DataDirectoryError` when what is read is not what was written. */
  load(receive: Loader): number {
    let seal = emptySeal;
    try {
      for (const [resource, key, text, crc] of this.#rows()) {
        if (crc !== checksum(resource, key, text)) throw damaged(this.#directory, `${resource} "${key}" was changed`);
        seal = added(seal, crc);
        receive(resource, key, text);
      }
      if (!isEqualSeal(seal, this.#seal)) throw damaged(this.#directory, 'objects are missing or outdated');
      return readCounter(this.#database, 'revision') ?? 0;
    } catch (error) {
      throw error instanceof DataDirectoryError ? error : describeOpenError(error, this.#directory);
    }
  }

  /** Writes a batch in one transaction; when it returns, the batch is durable. A batch that fails leaves no trace. */
  commit(changes: readonly Change[]): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const seal = changes.reduce((before, change) => this.#write(change, before), this.#seal);
      this.#setCounter.run('revision', changes[changes.length - 1]!.revision);
      writeSeal(this.#setCounter, seal);
      this.#database.exec('COMMIT');
      this.#seal = seal;
    } catch (error) {
      // SQLite has rolled back by itself after some failures, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageWriteError(`cannot write to data directory ${this.#directory}: ${reason}`, { cause: error });
    }
  }

  /** Answers the seal of the state with the change in it. */
  #write({ resource, key, text }: Change, seal: Seal): Seal {
    const before = this.#find.get(resource, key)?.['crc'];
    const rest = before === undefined ? seal : removed(seal, Number(before));
    if (text === undefined) {
      this.#remove.run(resource, key);
      return rest;
    }
    const crc = checksum(resource, key, text);
    this.#put.run(resource, key, text, crc);
    return added(rest, crc);
  }

  /** Copies the committed state to a new file while writing goes on; the copy opens like any data directory's `state.db`. */
  async copyTo(path: string): Promise<void> {
    const { backup } = await import('node:sqlite');
    for (;;) {
      try {
        await backup(this.#database, path, { rate: pagesPerStep });
        return;
      } catch (error) {
        if (!isFirstStepLocked(error)) throw error;
      }
    }
  }

  close(): void {
    this.#database.close();
  }

  *#rows(): Generator<[resource: string, key: string, text: string, crc: unknown]> {
    const query = this.#database.prepare('SELECT resource, key, text, crc FROM objects');
    query.setReturnArrays(true);
    for (const row of query.iterate()) {
      const [resource, key, text, crc] = Array.isArray(row) ? row : [];
      yield [String(resource), String(key), String(text), crc];
    }
  }
}

/**
 * Whether a copy met a commit when it began. Later steps wait for commits by themselves; of the first one Node makes an error
 * without a cause, in which SQLite says that nothing is wrong. A commit is over before anyone hears of the error.
 */
function isFirstStepLocked(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 0;
}

/** Pages copied before other work gets its turn. */
const pagesPerStep = 1000;
