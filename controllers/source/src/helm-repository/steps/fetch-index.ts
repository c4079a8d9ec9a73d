import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createDigest } from '@flux/crypto';
import { messageOf } from '@flux/errors';
import { indexUrl } from '@flux/helm';
import type { HttpResponse } from '@flux/http';
import { keyOf } from '@flux/runtime';
import {
  fetchFailed,
  type HelmAccess,
  type HelmRepositoryRun,
  limitIndex,
  openClient,
  request,
  resolveAccess,
  type Validator,
} from '../deps.ts';

export interface FetchedIndex {
  /** Digest of the index as the server sent it. */
  readonly revision: string;
  /** Where it lies; absent when it is the one of the current artifact. */
  readonly file?: string;
}

/** A file that changed in the second of its answer may have the same time again. */
const minAgeMs = 60_000;

/** Downloads the index into the directory, unless the server or its digest say that it is known (SRC-HREPO-04..08). */
export async function fetchIndex(run: HelmRepositoryRun, directory: string): Promise<FetchedIndex> {
  const address = addressOf(run);
  const access = await readAccess(run);
  const known = run.object.status?.artifact?.revision;
  let fetched: FetchedIndex;
  try {
    fetched = await download(run, { access, address, directory });
  } catch (error) {
    run.signal.throwIfAborted();
    const text = `failed to fetch Helm repository index: failed to cache index to temporary file: ${messageOf(error)}`;
    throw fetchFailed('Failed', text, { cause: error });
  }
  return fetched.revision === known ? { revision: known } : fetched;
}

/** The address of the index; a bad one does not get better by itself. */
function addressOf({ object }: HelmRepositoryRun): string {
  const { url } = object.spec;
  const refuse = (text: string) =>
    fetchFailed('URLInvalid', `invalid Helm repository URL: ${text}`, { retry: 'stalled' });
  if (url.startsWith('oci://')) throw refuse("'oci' URL scheme cannot be used with 'default' HelmRepository type");
  try {
    return indexUrl(url);
  } catch (error) {
    throw refuse(messageOf(error));
  }
}

async function readAccess(run: HelmRepositoryRun): Promise<HelmAccess> {
  try {
    return await resolveAccess(run, run.object);
  } catch (error) {
    run.signal.throwIfAborted();
    throw fetchFailed('AuthenticationFailed', messageOf(error), { cause: error });
  }
}

interface Target {
  access: HelmAccess;
  address: string;
  directory: string;
}

async function download(run: HelmRepositoryRun, { access, address, directory }: Target): Promise<FetchedIndex> {
  const { validators, maxIndexBytes } = run.deps;
  const key = keyOf(run.object);
  const known = validators.get(key);
  const isUsable = known?.url === address && known.revision === run.object.status?.artifact?.revision;
  await using client = openClient(access);
  const options = { signal: run.signal, ...(isUsable ? { headers: known.headers } : {}) };
  const response = await request(client, access, address, options);
  if (response.status === 304 && isUsable) {
    await response.discard();
    return { revision: known.revision };
  }
  const digest = await createDigest('sha256');
  const file = join(directory, 'index.yaml');
  async function* measured() {
    for await (const chunk of limitIndex(response.body, maxIndexBytes)) {
      digest.update(chunk);
      yield chunk;
    }
  }
  await pipeline(measured, createWriteStream(file, { mode: 0o600 }));
  const revision = digest.digest();
  remember(validators, key, { url: address, revision, headers: conditionOf(response) });
  return { revision, file };
}

function remember(validators: Map<string, Validator>, key: string, validator: Validator): void {
  if (Object.keys(validator.headers).length > 0) validators.set(key, validator);
  else validators.delete(key);
}

/** What to send next time to hear of changes only. */
function conditionOf({ headers }: HttpResponse): Record<string, string> {
  const etag = headers['etag'];
  if (etag) return { 'if-none-match': etag };
  const modified = headers['last-modified'];
  const ageMs = Date.parse(headers['date'] ?? '') - Date.parse(modified ?? '');
  return modified && ageMs >= minAgeMs ? { 'if-modified-since': modified } : {};
}
