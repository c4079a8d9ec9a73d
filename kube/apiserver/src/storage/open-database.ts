import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { DataDirectoryError } from '../errors.ts';
import { added, checksum, emptySeal, writeSeal } from './seal.ts';

/** Kept in SQLite's `user_version`. 2: objects have checksums, and a seal over all. Older ones, 0 and 1, are taken over. */
const layoutVersion = 2;
/** A log longer than this is cut at its next checkpoint; SQLite checkpoints after 1,000 pages. */
const maxLogBytes = 16 * 1024 * 1024;
/** When at least so much of the file, and half of it, is unused, the file is written anew at the next opening. */
const minReclaimedBytes = 8 * 1024 * 1024;

/** Opens `state.db` of a data directory for this process alone, checks it and brings it to the current layout. */
export async function openDatabase(directory: string): Promise<DatabaseSync> {
  const { DatabaseSync } = await importSqlite(directory);
  const path = join(directory, 'state.db');
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
    // A copy put here by hand, a snapshot for example, may be readable by others.
    else if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    database = new DatabaseSync(path);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(`PRAGMA journal_size_limit = ${maxLogBytes}; BEGIN EXCLUSIVE; COMMIT;`);
    prepareLayout(database, directory);
    reclaimSpace(database);
    writeFileSync(ownerFile(directory), `${process.pid}\n`, { mode: 0o600 });
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof DataDirectoryError ? error : describeOpenError(error, directory);
  }
}

async function importSqlite(directory: string): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite');
  } catch (error) {
    const reason = `Node ${process.version} has no SQLite; Node 22.13 or newer has it`;
    throw new DataDirectoryError(`cannot open data directory ${directory}: ${reason}`, { cause: error });
  }
}

function prepareLayout(database: DatabaseSync, directory: string): void {
  const version = readNumber(database, 'user_version');
  if (version === layoutVersion) return;
  if (version > layoutVersion) {
    throw new DataDirectoryError(`data directory ${directory} was written by a newer version of flux`);
  }
  database.exec(
    `BEGIN IMMEDIATE;
     CREATE TABLE IF NOT EXISTS objects
       (resource TEXT, key TEXT, text TEXT NOT NULL, PRIMARY KEY (resource, key)) WITHOUT ROWID;
     CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
     ${version < 1 ? 'ALTER TABLE objects ADD COLUMN crc INTEGER;' : ''}`,
  );
  sealAll(database);
  database.exec(`PRAGMA user_version = ${layoutVersion}; COMMIT;`);
}

/** Takes objects that were written without a seal as they are. */
function sealAll(database: DatabaseSync): void {
  const update = database.prepare('UPDATE objects SET crc = ? WHERE resource = ? AND key = ?');
  let seal = emptySeal;
  for (const row of database.prepare('SELECT resource, key, text FROM objects').all()) {
    const [resource, key] = [String(row['resource']), String(row['key'])];
    const crc = checksum(resource, key, String(row['text']));
    update.run(crc, resource, key);
    seal = added(seal, crc);
  }
  writeSeal(database.prepare('INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)'), seal);
}

/** SQLite never gives space back by itself: after many objects went, the file stays as large as it ever was. */
function reclaimSpace(database: DatabaseSync): void {
  const free = readNumber(database, 'freelist_count');
  const isWorthIt = free * readNumber(database, 'page_size') >= minReclaimedBytes;
  if (!isWorthIt || free * 2 < readNumber(database, 'page_count')) return;
  database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE);');
}

function readNumber(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}

/** `undefined` for a counter that was never set. */
export function readCounter(database: DatabaseSync, name: string): number | undefined {
  const row = database.prepare('SELECT value FROM counters WHERE name = ?').get(name);
  return row === undefined ? undefined : Number(row['value']);
}

function ownerFile(directory: string): string {
  return join(directory, 'owner.pid');
}

/** Names the directory and what is wrong with it in the words of its user. */
export function describeOpenError(error: unknown, directory: string): DataDirectoryError {
  const text = error instanceof Error ? error.message : String(error);
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/database is locked/.test(text)) {
    const owner = ownerFile(directory);
    const pid = existsSync(owner) ? readFileSync(owner, 'utf8').trim() : 'unknown';
    return new DataDirectoryError(`data directory ${directory} is in use by another API server (process ${pid})`, {
      cause: error,
    });
  }
  if (/EACCES|EROFS|EPERM/.test(systemCode) || /readonly|unable to open/.test(text)) {
    return new DataDirectoryError(`data directory ${directory} is not writable: ${text}`, { cause: error });
  }
  if (/not a database|malformed/.test(text)) {
    return damaged(directory, text, error);
  }
  return new DataDirectoryError(`cannot open data directory ${directory}: ${text}`, { cause: error });
}

export function damaged(directory: string, what: string, cause?: unknown): DataDirectoryError {
  return new DataDirectoryError(`data directory ${directory} holds a damaged state.db: ${what}`, { cause });
}
