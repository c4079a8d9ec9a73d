import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { decryptAge, isAgeFile } from '@flux/crypto';
import { messageOf } from '@flux/errors';
import type { Backup } from '../backup/format.ts';
import { readBackup } from '../backup/read-archive.ts';
import type { Context } from '../context.ts';
import { RestoreError } from './restore-error.ts';

/** No archive that we write is longer: against endless standard input. */
const maxFileBytes = 1024 ** 3;

/** Reads the archive of a file, or of the standard input for `-`, and decrypts it when it is encrypted. */
export async function openBackup(context: Context, file: string, identityFile: string | undefined): Promise<Backup> {
  const name = file === '-' ? 'the standard input' : file;
  const bytes = file === '-' ? await readAll(context.stdin()) : await readNamed(context, file);
  if (!isAgeFile(bytes)) {
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw new RestoreError(`${name} is no backup of flux`);
    return readBackup(bytes);
  }
  if (identityFile === undefined) {
    throw new RestoreError(`${name} is encrypted; give the file with the private key as --age-identity-file`);
  }
  const identities = await readNamed(context, identityFile);
  try {
    return await readBackup(await decryptAge(bytes, Buffer.from(identities).toString('utf8')));
  } catch (error) {
    throw new RestoreError(`${name} cannot be read with ${identityFile}: ${messageOf(error)}`);
  }
}

async function readNamed(context: Context, file: string): Promise<Uint8Array> {
  try {
    return await readFile(resolve(context.cwd, file));
  } catch (error) {
    throw new RestoreError(`cannot read ${file}: ${messageOf(error)}`);
  }
}

async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxFileBytes) throw new RestoreError('the standard input is too long for a backup');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
