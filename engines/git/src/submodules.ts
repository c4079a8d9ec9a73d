import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { followLinks } from '@flux/fs';
import { type Endpoint, type RemoteOptions, resolveEndpoint } from './credentials.ts';
import { gitEnvironment } from './environment.ts';
import type { Fetched, TreeEntry } from './fetched.ts';
import { fetchIntoMemory } from './fetched-in-memory.ts';
import { fetchOntoDisk } from './fetched-on-disk.ts';
import { GitError } from './git-error.ts';
import { openSession } from './remote-session.ts';
import { mustRunGit } from './run-git.ts';

const maxDepth = 10;

interface Parent {
  fetched: Fetched;
  commit: string;
  directory: string;
  remote: RemoteOptions;
  endpoint: Endpoint;
}

/**
 * Writes the submodules of a commit into its checkout, recursively to a depth of 10. Credentials of the parent are used for
 * submodules of the same host only: a commit must not be able to send them elsewhere (SRC-GIT-19).
 */
export async function checkoutSubmodules(parent: Parent, depth = 0): Promise<void> {
  const links = (await parent.fetched.listTree(parent.commit)).filter(({ mode }) => mode === '160000');
  if (links.length === 0) return;
  if (depth >= maxDepth) throw new GitError('invalid', `submodules are nested deeper than ${maxDepth}`);
  const urls = await readModules(parent);
  for (const link of links) {
    const url = urls.get(link.path);
    if (url === undefined)
      throw new GitError('invalid', `no url found for submodule path '${link.path}' in .gitmodules`);
    await checkoutSubmodule(parent, link, resolveUrl(url, parent.remote.url), depth);
  }
}

async function checkoutSubmodule(parent: Parent, link: TreeEntry, url: string, depth: number): Promise<void> {
  const directory = join(parent.directory, link.path);
  if (followLinks(directory) !== directory) {
    throw new GitError('invalid', `submodule path '${link.path}' leads through a symlink`);
  }
  const remote = { ...parent.remote, url, ...sharedCredentials(parent, url) };
  const endpoint = resolveEndpoint(remote);
  await using fetched = await fetchCommit(endpoint, link.id, remote.signal);
  mkdirSync(directory, { recursive: true });
  await fetched.write(link.id, directory, []);
  await checkoutSubmodules({ fetched, commit: link.id, directory, remote, endpoint }, depth + 1);
}

/** Servers may refuse a commit by its id; then its branches are fetched whole. */
async function fetchCommit(endpoint: Endpoint, commit: string, signal: AbortSignal | undefined): Promise<Fetched> {
  const direct = endpoint.isSsh ? undefined : await fetchDirectly(endpoint, commit, signal);
  if (direct) return direct;
  const common = { endpoint, ...(signal ? { signal } : {}) };
  try {
    return await fetchOntoDisk({ ...common, wants: [commit], depth: 1 });
  } catch (error) {
    if (!(error instanceof GitError) || error.failure !== 'process') throw error;
  }
  const fetched = await fetchOntoDisk({ ...common, wants: ['refs/heads/*'] });
  if ((await fetched.read(commit))?.type === 'commit') return fetched;
  await fetched[Symbol.asyncDispose]();
  throw new GitError('refNotFound', `unable to resolve commit object for '${commit}': object not found`);
}

/** Where the server gives out a commit by its id. */
async function fetchDirectly(endpoint: Endpoint, commit: string, signal: AbortSignal | undefined) {
  await using session = await openSession(endpoint, signal);
  const { capabilities, remote } = session;
  const isTip = [...remote.refs.values()].includes(commit);
  const givesAny = ['allow-reachable-sha1-in-want', 'allow-any-sha1-in-want'].some((name) => capabilities.has(name));
  if (!isTip && !givesAny) return undefined;
  try {
    return await fetchIntoMemory(session, new Map([[commit, commit]]), signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitError) return undefined;
    throw error;
  }
}

function sharedCredentials(parent: Parent, url: string): Pick<RemoteOptions, 'credentials'> {
  const isSameOrigin = URL.canParse(url) && new URL(url).host === parent.endpoint.url.host;
  return isSameOrigin && parent.remote.credentials ? { credentials: parent.remote.credentials } : { credentials: {} };
}

/** URL by path, read by git itself from the blob: the file in the checkout may be a symlink. */
async function readModules(parent: Parent): Promise<Map<string, string>> {
  const text = await parent.fetched.readFile(parent.commit, '.gitmodules');
  if (text === undefined) return new Map();
  const output = await mustRunGit(['config', '--file', '-', '-z', '--list'], {
    environment: gitEnvironment(),
    input: text,
  });
  const modules = new Map<string, { path?: string; url?: string }>();
  for (const entry of output.toString().split('\0')) {
    const newline = entry.indexOf('\n');
    const match = /^submodule\.(.*)\.(path|url)$/s.exec(entry.slice(0, newline));
    if (!match?.[1]) continue;
    const known = modules.get(match[1]) ?? {};
    modules.set(match[1], { ...known, [match[2] === 'path' ? 'path' : 'url']: entry.slice(newline + 1) });
  }
  return new Map(
    [...modules.values()].flatMap(({ path, url }) => (path && url ? [[path.replace(/\/$/, ''), url] as const] : [])),
  );
}

/** `./` and `../` count from the parent's address. */
function resolveUrl(url: string, parentUrl: string): string {
  if (!url.startsWith('./') && !url.startsWith('../')) return url;
  return new URL(url, `${parentUrl.replace(/\/+$/, '')}/`).href;
}
