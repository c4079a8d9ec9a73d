import { readFile } from 'node:fs/promises';
import type { Credentials, Identity } from './connection.ts';
import { KubeconfigError } from './kubeconfig.ts';

/** Tokens of service accounts are rotated on disk; client-go reads them again once a minute. */
const rereadMs = 60_000;

/** A bearer token from a file that may be replaced while the process runs. */
export function tokenFileCredentials(
  path: string,
  base: Identity = {},
  now: () => number = () => performance.now(),
): Credentials {
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  const read = async () => {
    try {
      const text = (await readFile(path, 'utf8')).trim();
      if (text === '') throw new Error('it is empty');
      token = text;
      readAt = now();
    } catch (cause) {
      if (token !== '') return; // keep the last good one while the file is being replaced
      throw new KubeconfigError(`unable to read the token file ${path}: ${(cause as Error).message}`, { cause });
    }
  };
  return {
    async get() {
      if (now() - readAt >= rereadMs) await read();
      return { ...base, authorization: `Bearer ${token}` };
    },
    async refresh() {
      const previous = token;
      await read();
      return token !== previous;
    },
  };
}
