import type { Constraint } from '@flux/semver';
import { GitError } from './git-error.ts';
import { isCommitId, isValidRefName } from './ref-name.ts';
import { commitOf, type RemoteRefs } from './remote-refs.ts';
import { highestTags } from './semver-tag.ts';

/** What to check out; the first of commit, name, tag, semver, branch that is set counts (SRC-GIT-10). */
export interface GitReferenceSpec {
  branch?: string | undefined;
  tag?: string | undefined;
  semver?: string | undefined;
  name?: string | undefined;
  commit?: string | undefined;
}

/** What a reference spec comes to on a remote. */
export interface Target {
  /** Name in the revision. */
  name: string;
  /** Full name of the reference, or empty for a bare commit. */
  reference: string;
  /** What is fetched: references, or an object id. */
  wants: string[];
  /** The commit, where it is known before the fetch. */
  commit?: string;
  /** The commit must be looked for in the whole history of `wants`. */
  needsHistory?: boolean;
}

type ReferenceKind = 'commit' | 'name' | 'tag' | 'semver' | 'branch';

export function referenceKind({ commit, name, tag, semver }: GitReferenceSpec): ReferenceKind {
  return commit ? 'commit' : name ? 'name' : tag ? 'tag' : semver ? 'semver' : 'branch';
}

/** Finds the reference among those of the remote; `constraint` is the parsed `semver`. */
export function selectTarget(ref: GitReferenceSpec, remote: RemoteRefs, constraint: Constraint | undefined): Target {
  const { branch, tag = '', name = '' } = ref;
  switch (referenceKind(ref)) {
    case 'branch':
      return selectRef(remote, branch || 'master', `refs/heads/${branch || 'master'}`);
    case 'tag':
      return selectRef(remote, tag, `refs/tags/${tag}`);
    case 'name':
      return selectName(remote, name);
    case 'commit':
      return selectCommit(remote, ref);
    case 'semver':
      return selectSemver(remote, constraint, ref.semver ?? '');
  }
}

function selectRef(remote: RemoteRefs, name: string, reference: string): Target {
  const commit = isValidRefName(reference) ? commitOf(remote, reference) : undefined;
  if (commit === undefined) throw new MissingReference(`couldn't find remote ref "${reference}"`);
  return { name, reference, wants: [reference], commit };
}

/** The clone fails for it, in upstream's order of things. */
export class MissingReference extends GitError {
  constructor(message: string) {
    super('refNotFound', message);
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

/** A commit that is no tip of a branch needs the history of the branch, or of all branches (SRC-GIT-15). */
function selectCommit(remote: RemoteRefs, { branch, name, commit = '' }: GitReferenceSpec): Target {
  const isHead = (ref: string) => ref.startsWith('refs/heads/') && isValidRefName(ref);
  const heads = branch
    ? selectRef(remote, branch, `refs/heads/${branch}`).wants
    : [...remote.refs.keys()].filter(isHead);
  if (!isCommitId(commit)) throw commitNotFound(commit);
  const id = commit.toLowerCase();
  const reference = branch ? `refs/heads/${branch}` : '';
  const target = { name: name || branch || '', reference, commit: id };
  const tip = heads.find((ref) => remote.refs.get(ref) === id);
  return tip ? { ...target, wants: [tip] } : { ...target, wants: heads, needsHistory: true };
}

function selectSemver(remote: RemoteRefs, constraint: Constraint | undefined, text: string): Target {
  const tags = [...remote.refs.keys()].filter((ref) => ref.startsWith('refs/tags/') && isValidRefName(ref));
  const names = tags.map((ref) => ref.slice('refs/tags/'.length));
  const [first, ...equal] = constraint ? highestTags(names, constraint) : [];
  if (first === undefined) throw new GitError('refNotFound', `no match found for semver: ${text}`);
  const wants = [first, ...equal].map((tag) => `refs/tags/${tag}`);
  return { name: first, reference: `refs/tags/${first}`, wants };
}

export function commitNotFound(commit: string): GitError {
  return new GitError('refNotFound', `unable to resolve commit object for '${commit}': object not found`);
}
