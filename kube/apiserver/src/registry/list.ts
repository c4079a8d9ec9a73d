import { type KubeObject, newExpired } from '@flux/apimachinery';
import { badRequest, failure } from '../status.ts';
import { describeJsonError } from '../storage/json.ts';
import type { Api } from './api.ts';
import type { ListOptions } from './list-options.ts';
import type { Resource } from './resource.ts';
import { parseSelection, type Selection } from './selection.ts';

/** Items as stored, before they are brought to the requested version and form. */
export interface ListResult {
  resourceVersion: string;
  items: KubeObject[];
  continue?: string;
  remainingItemCount?: number;
}

interface ContinueToken {
  revision: number;
  /** Key after which the list goes on, relative to the namespace. */
  after: string;
}

export function listObjects(
  api: Api,
  resource: Resource,
  options: ListOptions,
  where: { namespace: string | undefined; name?: string | undefined },
): ListResult {
  const selection = parseSelection(resource, { ...options, ...where });
  const token = options.continue ? parseToken(options) : undefined;
  const revision = token ? continuedRevision(api, token) : requestedRevision(api, options);
  const entries = readEntries(resource, selection, revision, token);
  return page(api, options, selection, entries, revision ?? api.store.revision);
}

/** The revision to list at, or `undefined` for the present. */
function requestedRevision(api: Api, options: ListOptions): number | undefined {
  const { resourceVersion, resourceVersionMatch, limit } = options;
  if (resourceVersion === '' || resourceVersion === '0') return undefined;
  const revision = parseRevision(resourceVersion);
  const isExact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limit > 0);
  return isExact ? exactRevision(api, revision) : undefined;
}

export function parseRevision(text: string): number {
  if (!/^\d{1,19}$/.test(text)) {
    const problem = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: ${problem}`);
  }
  return Number(text);
}

function exactRevision(api: Api, revision: number): number | undefined {
  if (revision === api.store.revision || revision <= 0) return undefined;
  if (revision < api.store.compactedRevision) throw tooOldList();
  return revision;
}

function tooOldList() {
  return failure(410, 'Expired', 'The resourceVersion for the provided list is too old.');
}

/** A token goes on at the revision of the first page as long as the events since then are at hand. */
function continuedRevision(api: Api, token: ContinueToken): number | undefined {
  const { revision } = token;
  if (revision < 0 || revision === api.store.revision) return undefined;
  if (revision < api.store.forgottenRevision) throw expiredToken(token);
  return revision;
}

/** The answer carries a token that goes on at the present state, for clients that can do with an inconsistent list. */
function expiredToken({ after }: ContinueToken) {
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  return newExpired(message, encodeToken(-1, after));
}

function* readEntries(
  resource: Resource,
  selection: Selection,
  revision: number | undefined,
  token: ContinueToken | undefined,
): Generator<[string, KubeObject]> {
  const { namespace } = selection;
  const after = token && (namespace ? `${namespace}/${token.after}` : token.after);
  if (revision === undefined) {
    yield* resource.bucket.list(namespace, after);
    return;
  }
  const snapshot = resource.bucket.snapshotAt(revision);
  if (!snapshot) throw token ? expiredToken(token) : tooOldList();
  for (const [key, object] of snapshot) {
    if (namespace && object.metadata.namespace !== namespace) continue;
    if (after === undefined || key > after) yield [key, object];
  }
}

function page(
  _api: Api,
  options: ListOptions,
  selection: Selection,
  entries: Iterable<[string, KubeObject]>,
  revision: number,
): ListResult {
  // A list at version 0 comes from the cache, which ignores the limit.
  const limit = options.limit > 0 && options.resourceVersion !== '0' ? options.limit : Number.POSITIVE_INFINITY;
  const result: ListResult = { resourceVersion: String(revision), items: [] };
  let lastKey = '';
  let remaining = 0;
  for (const [key, object] of entries) {
    if (result.items.length >= limit) {
      if (!selection.isFiltered) remaining++;
      else if (selection.matches(object)) {
        remaining = 1;
        break;
      }
      continue;
    }
    if (!selection.matches(object)) continue;
    result.items.push(object);
    lastKey = key;
  }
  if (remaining === 0) return result;
  result.continue = formatToken({ revision, after: lastKey }, selection.namespace);
  if (!selection.isFiltered) result.remainingItemCount = remaining;
  return result;
}

/** The same encoding as the API server's, so that tokens look familiar in logs. */
function formatToken({ revision, after }: ContinueToken, namespace: string | undefined): string {
  return encodeToken(revision, namespace ? after.slice(namespace.length + 1) : after);
}

function encodeToken(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` })).toString('base64url');
}

function parseToken({ continue: text, resourceVersion }: ListOptions): ContinueToken {
  if (resourceVersion !== '' && resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  const json = Buffer.from(text, 'base64url').toString('latin1');
  let token: Record<string, unknown> | null;
  try {
    token = JSON.parse(json);
  } catch (error) {
    throw refuse(describeJsonError(json, error));
  }
  const { v, rv, start } = token ?? {};
  if (v !== 'meta.k8s.io/v1') throw refuse(`server does not recognize this encoded version ${String(v ?? '')}`);
  if (typeof rv !== 'number' || rv === 0) {
    throw refuse('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  if (typeof start !== 'string' || start === '') {
    throw refuse('encoded start key empty (version meta.k8s.io/v1)');
  }
  return { revision: rv, after: Buffer.from(start, 'latin1').toString('utf8').replace(/\0$/, '') };
}
