/**
 * Tells whether git would accept a full reference name (git-check-ref-format). What it refuses cannot exist in a repository,
 * and cannot be mistaken for an option or a refspec.
 */
export function isValidRefName(name: string): boolean {
  if (!name.includes('/') || name.endsWith('.') || name.includes('..') || name.includes('@{')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses control characters
  if (/[\x00-\x20\x7f~^:?*[\\]/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

export function isCommitId(text: string): boolean {
  return /^[0-9a-f]{40}$/i.test(text);
}
