import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { DataDirectoryError, StorageWriteError } from '../errors.ts';
import { describeOpenError, openDatabase } from './open-database.ts';

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
 * cannot be read back as it was written (each object has a checksum) is an error at opening, never a missing or changed
 * object; a second process cannot open the directory while this one lives (SQLite's file lock, which the kernel releases
 * with the process, so no lock can be left behind).
 */
export class Database {
  readonly #database: DatabaseSync;
  readonly #directory: string;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #setRevision: StatementSync;

  constructor(database: DatabaseSync, directory: string) {
    this.#database = database;
    this.#directory = directory;
    this.#put = database.prepare('INSERT OR REPLACE INTO objects (resource, key, text, crc) VALUES (?, ?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
    this.#setRevision = database.prepare("INSERT OR REPLACE INTO counters (name, value) VALUES ('revision', ?)");
  }

  static async open(directory: string): Promise<Database> {
    return new Database(await openDatabase(directory), directory);
  }

  /** Answers the newest revision. Throws `DataDirectoryError` when an object is not what was written. */
  load(receive: Loader): number {
    try {
      for (const [resource, key, text, crc] of this.#rows()) {
        // Rows of the first layout have no checksum until they are written again.
        if (crc !== null && crc !== checksum(resource, key, text)) {
          throw this.#damaged(`${resource} "${key}" does not match its checksum`);
        }
        receive(resource, key, text);
      }
      const row = this.#database.prepare("SELECT value FROM counters WHERE name = 'revision'").get();
      return Number(row?.['value'] ?? 0);
    } catch (error) {
      throw error instanceof DataDirectoryError ? error : describeOpenError(error, this.#directory);
    }
  }

  /** Writes a batch in one transaction; when it returns, the batch is durable. A batch that fails leaves no trace. */
  commit(changes: readonly Change[]): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { resource, key, text } of changes) {
        if (text === undefined) this.#remove.run(resource, key);
        else this.#put.run(resource, key, text, checksum(resource, key, text));
      }
      this.#setRevision.run(changes[changes.length - 1]!.revision);
      this.#database.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back by itself after some failures, a full disk among them.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      const reason = error instanceof Error ? error.message : String(error);
      throw new StorageWriteError(`cannot write to data directory ${this.#directory}: ${reason}`, { cause: error });
    }
  }

  /** Copies the committed state to a new file while writing goes on; the copy opens like any data directory's `state.db`. */
  async copyTo(path: string): Promise<void> {
    const { backup } = await import('node:sqlite');
    await backup(this.#database, path, { rate: pagesPerStep });
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

  #damaged(what: string): DataDirectoryError {
    return new DataDirectoryError(`data directory ${this.#directory} holds a damaged state.db: ${what}`);
  }
}

/** Pages copied before other work gets its turn. */
const pagesPerStep = 1000;

/** Covers the key too, so that a text under a wrong name is noticed. */
function checksum(resource: string, key: string, text: string): number {
  return crc32(text, crc32(`${resource}\0${key}`));
}
