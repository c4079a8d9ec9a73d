import { statSync } from 'node:fs';
import { join } from 'node:path';
import { FluxError } from '@flux/errors';

/** The sources change while they are bundled. */
class SourcesChangingError extends FluxError {
  override readonly code = 'SOURCES_CHANGING';
}

/** Modification time and size: what `start.cjs` compares to tell whether a file is the one that was bundled. */
export type Stamp = readonly [mtimeMs: number, size: number];

function stampOf(file: string): Stamp {
  const { mtimeMs, size } = statSync(file);
  return [mtimeMs, size];
}

/** Clocks of file systems tick every few milliseconds: two edits in one tick look the same. */
const tickMs = 50;

/**
 * Stamps that are surely those of what was bundled: refuses files that changed since, or so shortly before the start of
 * the bundling that a later change could carry the same time.
 */
export function settledStamps(root: string, paths: readonly string[], startedAtMs: number): Map<string, Stamp> {
  const stamps = new Map<string, Stamp>();
  for (const path of paths) {
    const stamp = stampOf(join(root, path));
    if (stamp[0] > startedAtMs - tickMs) throw new SourcesChangingError(`${path} changed while it was bundled`);
    stamps.set(path, stamp);
  }
  return stamps;
}
