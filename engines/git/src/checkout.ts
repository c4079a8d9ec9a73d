import { type Endpoint, type RemoteOptions, resolveEndpoint } from './credentials.ts';
import type { Fetched } from './fetched.ts';
import { fetchIntoMemory } from './fetched-in-memory.ts';
import { fetchOntoDisk } from './fetched-on-disk.ts';
import { GitError, prefixed } from './git-error.ts';
import { listOverSsh } from './list-remote.ts';
import type { GitCommit, GitTag } from './objects.ts';
import { readTarget } from './read-target.ts';
import type { RemoteRefs } from './remote-refs.ts';
import { openSession, type RemoteSession } from './remote-session.ts';
import { formatRevision, normalizeRevision } from './revision.ts';
import { type GitReferenceSpec, MissingReference, referenceKind, selectTarget, type Target } from './select-target.ts';
import { parseTagConstraint } from './semver-tag.ts';
import { checkoutSubmodules } from './submodules.ts';

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

class CheckoutRun {
  readonly #options: CheckoutOptions;
  readonly #ref: GitReferenceSpec;
  readonly #endpoint: Endpoint;

  constructor(options: CheckoutOptions) {
    this.#options = options;
    this.#ref = options.ref ?? {};
    this.#endpoint = resolveEndpoint(options);
  }

  async run(): Promise<Checkout> {
    const kind = referenceKind(this.#ref);
    const constraint = kind === 'semver' ? parseTagConstraint(this.#ref.semver ?? '') : undefined;
    const canSkip = kind !== 'semver' && kind !== 'commit';
    const { remote, session } = await this.#connect(kind === 'name' || (canSkip && !!this.#options.knownRevision));
    await using _ = session;
    if (remote.refs.size === 0) throw new GitError('emptyRepository', 'git repository is empty');
    const target = this.#select(remote, constraint);
    const revision = formatRevision(target.name, target.commit ?? '');
    if (canSkip && normalizeRevision(this.#options.knownRevision ?? '') === revision) {
      return { revision, reference: target.reference, commit: undefined, tag: undefined };
    }
    return this.#clone(target, remote, session);
  }

  /** Upstream lists before it clones in some cases only, and says so. */
  async #connect(listsFirst: boolean): Promise<{ remote: RemoteRefs; session?: RemoteSession }> {
    const { signal } = this.#options;
    try {
      if (this.#endpoint.isSsh) return { remote: await listOverSsh(this.#endpoint, signal) };
      const session = await openSession(this.#endpoint, signal);
      return { remote: session.remote, session };
    } catch (error) {
      throw prefixed(error, `unable to ${listsFirst ? 'list remote for' : 'clone'} '${this.#endpoint.shownUrl}'`);
    }
  }

  #select(remote: RemoteRefs, constraint: Parameters<typeof selectTarget>[2]): Target {
    try {
      return selectTarget(this.#ref, remote, constraint);
    } catch (error) {
      throw error instanceof MissingReference ? this.#cloneError(error) : error;
    }
  }

  async #clone(target: Target, remote: RemoteRefs, session: RemoteSession | undefined): Promise<Checkout> {
    const { directory, recurseSubmodules, sparse = [] } = this.#options;
    await using fetched = await this.#fetch(target, remote, session);
    const { name, reference, commit, tag } = await readTarget(target, fetched);
    await fetched.write(
      commit.hash,
      directory,
      sparse.map((path) => path.replace(/^\.\//, '')),
    );
    if (recurseSubmodules) {
      const remoteOptions = this.#options;
      await checkoutSubmodules({
        fetched,
        commit: commit.hash,
        directory,
        remote: remoteOptions,
        endpoint: this.#endpoint,
      });
    }
    return { revision: formatRevision(name, commit.hash), reference, commit, tag };
  }

  async #fetch(target: Target, remote: RemoteRefs, session: RemoteSession | undefined): Promise<Fetched> {
    const { signal } = this.#options;
    try {
      const fetched = session && !target.needsHistory ? await this.#tryInMemory(target, remote, session) : undefined;
      if (fetched) return fetched;
      return await fetchOntoDisk({
        endpoint: this.#endpoint,
        wants: target.wants,
        ...(target.needsHistory ? {} : { depth: 1 }),
        ...(signal ? { signal } : {}),
      });
    } catch (error) {
      throw this.#cloneError(error);
    }
  }

  /** Far cheaper than processes for the repositories that Flux mostly sees; what it cannot do is left to the git command. */
  async #tryInMemory(target: Target, remote: RemoteRefs, session: RemoteSession): Promise<Fetched | undefined> {
    const { signal } = this.#options;
    try {
      const wants = new Map(target.wants.map((want) => [want, remote.refs.get(want) ?? want]));
      return await fetchIntoMemory(session, wants, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof GitError) return undefined;
      throw error;
    }
  }

  #cloneError(error: unknown): unknown {
    return prefixed(error, `unable to clone '${this.#endpoint.shownUrl}'`);
  }
}
