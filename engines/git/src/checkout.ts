import { join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import { type Endpoint, type RemoteOptions, resolveEndpoint } from './credentials.ts';
import { fetchObjects } from './fetch.ts';
import { GitError, prefixed } from './git-error.ts';
import { fetchRefs } from './list-remote.ts';
import { initRepository, readObjects, writeTree } from './object-database.ts';
import { type GitCommit, type GitTag, parseCommit, parseTag } from './objects.ts';
import { isCommitId, isValidRefName } from './ref-name.ts';
import { commitOf, type RemoteRefs } from './remote-refs.ts';
import { formatRevision, normalizeRevision } from './revision.ts';
import { highestTags, parseTagConstraint } from './semver-tag.ts';
import { checkoutSubmodules } from './submodules.ts';
import { openTransport } from './transport.ts';

/** What to check out; the first of commit, name, tag, semver, branch that is set counts (SRC-GIT-10). */
export interface GitReferenceSpec {
  branch?: string | undefined;
  tag?: string | undefined;
  semver?: string | undefined;
  name?: string | undefined;
  commit?: string | undefined;
}

export interface CheckoutOptions extends RemoteOptions {
  /** Unset means the branch `master` (SRC-GIT-03). */
  ref?: GitReferenceSpec;
  /** An existing, empty directory. No `.git` is left in it. */
  directory: string;
  recurseSubmodules?: boolean;
  /** Path prefixes to write; everything when empty. */
  sparse?: readonly string[];
  /** A branch, tag or name that is still there is not fetched again (SRC-GIT-16). */
  knownRevision?: string;
  /** Limit of the whole operation. */
  timeoutMs?: number;
}

export interface Checkout {
  /** `main@sha1:…` */
  revision: string;
  /** Full name of the reference, or empty for a bare commit. */
  reference: string;
  /** Missing when `knownRevision` is still the newest: then nothing was written. */
  commit: GitCommit | undefined;
  /** The annotated tag, where the reference is one. */
  tag: GitTag | undefined;
}

/** Fetches one reference and writes its files, as go-git clones it for Flux (SRC-GIT-10..19). */
export async function checkout(options: CheckoutOptions): Promise<Checkout> {
  const { timeoutMs, signal } = options;
  const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const signals = [signal, deadline].filter((given) => given !== undefined);
  const limits = signals.length > 0 ? { signal: AbortSignal.any(signals) } : {};
  try {
    return await new CheckoutRun({ ...options, ...limits }).run();
  } catch (error) {
    signal?.throwIfAborted();
    if (!deadline?.aborted) throw error;
    throw new GitError('timeout', `unable to clone '${options.url}': context deadline exceeded`, { cause: error });
  }
}

/** What a reference spec comes to on a remote. */
interface Target {
  /** Name in the revision. */
  name: string;
  reference: string;
  /** What is fetched: a ref, or several tags of equal version. */
  wants: string[];
  /** The commit if it is known before the fetch. */
  commit?: string;
  /** The commit must be found by its id in the fetched history. */
  byCommit?: boolean;
}

class CheckoutRun {
  readonly #options: CheckoutOptions;
  readonly #ref: GitReferenceSpec;
  readonly #endpoint: Endpoint;

  constructor(options: CheckoutOptions) {
    this.#options = options;
    this.#ref = options.ref ?? {};
    this.#endpoint = this.#resolve(options);
  }

  #resolve(options: CheckoutOptions): Endpoint {
    return resolveEndpoint(options);
  }

  async run(): Promise<Checkout> {
    const semver = this.#kind() === 'semver' ? parseTagConstraint(this.#ref.semver ?? '') : undefined;
    const remote = await this.#list();
    if (remote.refs.size === 0) throw new GitError('emptyRepository', 'git repository is empty');
    const target = this.#select(remote, semver);
    const { knownRevision } = this.#options;
    const revision = formatRevision(target.name, target.commit ?? '');
    if (this.#canSkip() && knownRevision && normalizeRevision(knownRevision) === revision) {
      return { revision, reference: target.reference, commit: undefined, tag: undefined };
    }
    return this.#clone(target, remote);
  }

  #kind(): 'commit' | 'name' | 'tag' | 'semver' | 'branch' {
    const { commit, name, tag, semver } = this.#ref;
    return commit ? 'commit' : name ? 'name' : tag ? 'tag' : semver ? 'semver' : 'branch';
  }

  #canSkip(): boolean {
    return this.#kind() !== 'semver' && this.#kind() !== 'commit';
  }

  async #list(): Promise<RemoteRefs> {
    const listsFirst = this.#kind() === 'name' || (this.#canSkip() && this.#options.knownRevision);
    try {
      return await fetchRefs(this.#endpoint, this.#options.signal);
    } catch (error) {
      throw prefixed(error, `unable to ${listsFirst ? 'list remote for' : 'clone'} '${this.#endpoint.shownUrl}'`);
    }
  }

  #select(remote: RemoteRefs, constraint: ReturnType<typeof parseTagConstraint> | undefined): Target {
    const { branch, tag, name = '', commit = '' } = this.#ref;
    switch (this.#kind()) {
      case 'branch':
        return this.#selectRef(remote, branch || 'master', `refs/heads/${branch || 'master'}`);
      case 'tag':
        return this.#selectRef(remote, tag ?? '', `refs/tags/${tag}`);
      case 'name':
        return selectName(remote, name);
      case 'commit':
        return this.#selectCommit(remote, commit);
      case 'semver':
        return selectSemver(remote, constraint!, this.#ref.semver ?? '');
    }
  }

  #selectRef(remote: RemoteRefs, name: string, reference: string): Target {
    const commit = isValidRefName(reference) ? commitOf(remote, reference) : undefined;
    if (commit === undefined)
      throw this.#cloneError(new GitError('refNotFound', `couldn't find remote ref "${reference}"`));
    return { name, reference, wants: [reference], commit };
  }

  #selectCommit(remote: RemoteRefs, commit: string): Target {
    const { branch, name } = this.#ref;
    const heads = branch
      ? [`refs/heads/${branch}`]
      : [...remote.refs.keys()].filter((ref) => ref.startsWith('refs/heads/'));
    if (branch) this.#selectRef(remote, branch, `refs/heads/${branch}`);
    if (!isCommitId(commit)) throw noCommit(commit);
    const id = commit.toLowerCase();
    const tip = heads.find((ref) => remote.refs.get(ref) === id);
    const reference = branch ? `refs/heads/${branch}` : '';
    const target = { name: name || branch || '', reference, commit: id };
    return tip ? { ...target, wants: [tip] } : { ...target, wants: heads, byCommit: true };
  }

  async #clone(target: Target, remote: RemoteRefs): Promise<Checkout> {
    const { directory, recurseSubmodules, sparse = [], signal } = this.#options;
    await using work = await temporaryDirectory('git');
    await using transport = await openTransport(this.#endpoint);
    const gitDir = join(work.path, 'git');
    const run = { environment: transport.environment, ...(signal ? { signal } : {}) };
    await initRepository(gitDir);
    await this.#fetch(target, gitDir, transport.environment);
    const found = await readTarget(target, gitDir, run);
    const commit = found.commit.hash;
    await writeTree({ gitDir, directory, commit, sparse: sparse.map((path) => path.replace(/^\.\//, '')) }, run);
    if (recurseSubmodules) {
      await checkoutSubmodules({ gitDir, commit, directory, remote: this.#options, endpoint: this.#endpoint });
    }
    const { reference, name } = found;
    const isTag = remote.peeled.has(reference.replace(/\^\{\}$/, ''));
    return {
      revision: formatRevision(name, commit),
      reference,
      commit: found.commit,
      tag: isTag ? found.tag : undefined,
    };
  }

  async #fetch(target: Target, gitDir: string, environment: Readonly<Record<string, string>>): Promise<void> {
    const { signal } = this.#options;
    try {
      await fetchObjects({
        gitDir,
        endpoint: this.#endpoint,
        wants: target.wants,
        environment,
        ...(target.byCommit ? {} : { depth: 1 }),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      throw this.#cloneError(error);
    }
  }

  #cloneError(error: unknown): unknown {
    return prefixed(error, `unable to clone '${this.#endpoint.shownUrl}'`);
  }
}

/** The reference must exist before anything is cloned (SRC-GIT-14). */
function selectName(remote: RemoteRefs, name: string): Target {
  if (name.startsWith('/') || name.endsWith('/')) {
    throw new GitError('invalid', `ref ${name} is invalid; Git refs cannot begin or end with a slash '/'`);
  }
  const ref = name.replace(/\^\{\}$/, '');
  const commit = name === 'HEAD' || isValidRefName(ref) ? commitOf(remote, name) : undefined;
  if (commit === undefined) throw new GitError('refNotFound', `unable to resolve ref '${name}' to a specific commit`);
  return { name, reference: name, wants: [name === 'HEAD' ? commit : ref], commit };
}

function selectSemver(remote: RemoteRefs, constraint: ReturnType<typeof parseTagConstraint>, text: string): Target {
  const tags = [...remote.refs.keys()].filter((ref) => ref.startsWith('refs/tags/') && isValidRefName(ref));
  const best = highestTags(
    tags.map((ref) => ref.slice('refs/tags/'.length)),
    constraint,
  );
  const [first] = best;
  if (first === undefined) throw new GitError('refNotFound', `no match found for semver: ${text}`);
  return { name: first, reference: `refs/tags/${first}`, wants: best.map((tag) => `refs/tags/${tag}`) };
}

interface Found {
  name: string;
  reference: string;
  commit: GitCommit;
  tag: GitTag | undefined;
}

/** What was fetched; of tags with equal versions, the one with the newest commit (SRC-GIT-13). */
async function readTarget(target: Target, gitDir: string, run: Parameters<typeof readObjects>[2]): Promise<Found> {
  const { wants, byCommit, commit = '' } = target;
  if (byCommit) {
    const [object] = await readObjects(gitDir, [commit], run);
    if (object?.type !== 'commit') throw noCommit(commit);
    return { ...target, commit: parseCommit(object.id, object.content), tag: undefined };
  }
  const stored = wants.map((want) => (want.includes('/') ? want : `refs/fetched/${want}`));
  const objects = await readObjects(gitDir, [...stored.map((ref) => `${ref}^{commit}`), ...stored], run);
  const candidates = stored.flatMap((ref, index): Found[] => {
    const [peeled, object] = [objects[index], objects[index + stored.length]];
    if (peeled?.type !== 'commit') return [];
    const tag = object?.type === 'tag' ? parseTag(object.id, object.content) : undefined;
    const name = stored.length > 1 ? ref.slice('refs/tags/'.length) : target.name;
    const reference = stored.length > 1 ? ref : target.reference;
    return [{ name, reference, commit: parseCommit(peeled.id, peeled.content), tag }];
  });
  const newest = candidates
    .sort((a, b) => a.commit.committer.when.getTime() - b.commit.committer.when.getTime())
    .at(-1);
  if (newest === undefined) throw noCommit(target.reference);
  return newest;
}

function noCommit(commit: string): GitError {
  return new GitError('refNotFound', `unable to resolve commit object for '${commit}': object not found`);
}
