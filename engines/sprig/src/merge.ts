import { type GoMap, isGoMap, setKey } from '@flux/gotemplate';
import { isEmpty } from './cast.ts';

/** mergo's Merge: fills what the target has not or has empty; with `overwrite` the source wins. Changes the target. */
export function mergeMaps(target: GoMap, source: GoMap, overwrite: boolean, depth = 0): GoMap {
  if (depth > 200) throw new RangeError('dictionaries are nested too deeply to be merged');
  for (const key of Object.keys(source)) {
    const from = source[key] ?? null;
    const to = Object.hasOwn(target, key) ? target[key] : undefined;
    if (from === null) {
      if (overwrite) setKey(target, key, null);
      continue;
    }
    if (isGoMap(from) && isGoMap(to) && !isEmpty(to)) mergeMaps(to, from, overwrite, depth + 1);
    else if (overwrite || isEmpty(to)) setKey(target, key, from);
  }
  return target;
}
