import type { Version } from './version.ts';

/** One comparison of a constraint, such as `>=1.2`. */
export interface Term {
  operator: string;
  /** The version as written, `1.x`. */
  text: string;
  version: Version;
  /** Some segment is missing or a wildcard; minor or patch say which is the first. */
  dirty: boolean;
  minorDirty: boolean;
  patchDirty: boolean;
}
