/** `<name>@sha1:<commit>`, or `sha1:<commit>` without a name (SRC-ART-03). */
export function formatRevision(name: string, commit: string): string {
  const digest = `sha1:${commit}`;
  return name === '' ? digest : `${name}@${digest}`;
}

/** Rewrites revisions of old versions, `main/<sha>` and bare `<sha>`, to the form of today (SRC-VER-05). */
export function normalizeRevision(revision: string): string {
  if (revision === '' || /(^|@)sha(1|256):/.test(revision)) return revision;
  const slash = revision.lastIndexOf('/');
  const commit = revision.slice(slash + 1);
  if (!/^[0-9a-f]{40}$/.test(commit)) return revision;
  return slash < 0 || revision.slice(0, slash) === 'HEAD'
    ? `sha1:${commit}`
    : formatRevision(revision.slice(0, slash), commit);
}

/** The commit of a revision in any form. */
export function commitOfRevision(revision: string): string {
  return normalizeRevision(revision).replace(/^.*sha(1|256):/, '');
}
