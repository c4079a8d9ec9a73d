import { type GoMap, isGoMap, setKey, Walk } from '@flux/gotemplate';
import { isEmpty } from './cast.ts';

/** mergo's Merge: fills what the target has not or has empty; with `overwrite` the source wins. Changes the target. */
export function mergeMaps(target: GoMap, source: GoMap, overwrite: boolean): GoMap {
  return mergeParts(target, source, overwrite, new Walk('merged'), 0);
}

function mergeParts(...[target, source, overwrite, walk, depth]: [GoMap, GoMap, boolean, Walk, number]): GoMap {
  walk.visit(depth);
  for (const key of Object.keys(source)) {
    const from = source[key] ?? null;
    const to = Object.hasOwn(target, key) ? target[key] : undefined;
    if (from === null) {
      if (overwrite) setKey(target, key, null);
      continue;
    }
    if (isGoMap(from) && isGoMap(to) && !isEmpty(to)) mergeParts(to, from, overwrite, walk, depth + 1);
    else if (overwrite || isEmpty(to)) setKey(target, key, from);
  }
  return target;
}
