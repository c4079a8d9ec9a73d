import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DataDirectoryError } from '../errors.ts';

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
 * process killed at any moment loses nothing committed; a second process cannot open the directory while this one lives
 * (SQLite's file lock, which the kernel releases with the process, so no lock can be left behind).
 */
export class Database {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #setRevision: StatementSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare('INSERT OR REPLACE INTO objects (resource, key, text) VALUES (?, ?, ?)');
    this.#remove = database.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
    this.#setRevision = database.prepare("INSERT OR REPLACE INTO counters (name, value) VALUES ('revision', ?)");
  }

  static async open(directory: string): Promise<Database> {
    const { DatabaseSync } = await import('node:sqlite');
    const path = join(directory, 'state.db');
    const owner = join(directory, 'owner.pid');
    let database: DatabaseSync | undefined;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
      database = new DatabaseSync(path);
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
      database.exec(
        `CREATE TABLE IF NOT EXISTS objects (resource TEXT, key TEXT, text TEXT NOT NULL, PRIMARY KEY (resource, key)) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
         BEGIN EXCLUSIVE; COMMIT;`,
      );
      writeFileSync(owner, `${process.pid}\n`, { mode: 0o600 });
      return new Database(database);
    } catch (error) {
      database?.close();
      throw describeOpenError(error, directory, owner);
    }
  }

  load(receive: Loader): number {
    for (const row of this.#database.prepare('SELECT resource, key, text FROM objects').iterate()) {
      receive(String(row['resource']), String(row['key']), String(row['text']));
    }
    const row = this.#database.prepare("SELECT value FROM counters WHERE name = 'revision'").get();
    return Number(row?.['value'] ?? 0);
  }

  /** Writes a batch in one transaction; when it returns, the batch is durable. */
  commit(changes: readonly Change[]): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const { resource, key, text } of changes) {
        if (text === undefined) this.#remove.run(resource, key);
        else this.#put.run(resource, key, text);
      }
      this.#setRevision.run(changes[changes.length - 1]!.revision);
      this.#database.exec('COMMIT');
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

function describeOpenError(error: unknown, directory: string, owner: string): DataDirectoryError {
  const text = error instanceof Error ? error.message : String(error);
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/database is locked/.test(text)) {
    const pid = existsSync(owner) ? readFileSync(owner, 'utf8').trim() : 'unknown';
    return new DataDirectoryError(`data directory ${directory} is in use by another API server (process ${pid})`, {
      cause: error,
    });
  }
  if (/EACCES|EROFS|EPERM/.test(systemCode) || /readonly|unable to open/.test(text)) {
    return new DataDirectoryError(`data directory ${directory} is not writable: ${text}`, { cause: error });
  }
  if (/not a database|malformed/.test(text)) {
    return new DataDirectoryError(`data directory ${directory} holds a damaged state.db: ${text}`, { cause: error });
  }
  return new DataDirectoryError(`cannot open data directory ${directory}: ${text}`, { cause: error });
}
