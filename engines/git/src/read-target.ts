import type { Fetched, FetchedObject } from './fetched.ts';
import { type GitCommit, type GitTag, parseCommit, parseTag } from './objects.ts';
import { commitNotFound, type Target } from './select-target.ts';

interface Found {
  /** Name in the revision. */
  name: string;
  reference: string;
  commit: GitCommit;
  tag: GitTag | undefined;
}

const maxTagDepth = 10;

/** The commit of a target among what was fetched; of tags with equal versions, the one with the newest commit (SRC-GIT-13). */
export async function readTarget(target: Target, fetched: Fetched): Promise<Found> {
  const { wants, needsHistory, commit: wanted = '' } = target;
  if (needsHistory) {
    const object = await fetched.read(wanted);
    if (object?.type !== 'commit') throw commitNotFound(wanted);
    return { ...target, commit: parseCommit(object.id, object.content), tag: undefined };
  }
  const candidates: Found[] = [];
  for (const want of wants) {
    const found = await peel(await fetched.read(want), fetched);
    if (!found) continue;
    const isOneOfSeveral = wants.length > 1;
    const name = isOneOfSeveral ? want.slice('refs/tags/'.length) : target.name;
    candidates.push({ name, reference: isOneOfSeveral ? want : target.reference, ...found });
  }
  const time = ({ commit }: Found) => commit.committer.when.getTime();
  const newest = candidates.sort((a, b) => time(a) - time(b)).at(-1);
  if (newest === undefined) throw commitNotFound(target.reference);
  return newest;
}

/** Follows a tag, and tags of tags, to the commit. */
async function peel(
  object: FetchedObject | undefined,
  fetched: Fetched,
): Promise<Pick<Found, 'commit' | 'tag'> | undefined> {
  const tag = object?.type === 'tag' ? parseTag(object.id, object.content) : undefined;
  let current = object;
  for (let depth = 0; current?.type === 'tag' && depth < maxTagDepth; depth++) {
    current = await fetched.read(parseTag(current.id, current.content).target);
  }
  return current?.type === 'commit' ? { commit: parseCommit(current.id, current.content), tag } : undefined;
}
