import { isDeepStrictEqual } from 'node:util';
import { deepCopy, gvkOf, type KubeObject, parseLabelSelector } from '@flux/apimachinery';
import { FluxError, messageOf } from '@flux/errors';
import { compileRegexp, type Regexp } from '@flux/regexp';
import { isOwnedByOther } from './field-owners.ts';
import { lookUp, parsePointer, removeAt, replaceAt } from './json-pointer.ts';

/** The objects that a rule is about; unset fields match all. */
export interface IgnoreTarget {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

/** Fields whose differences are no drift: `spec.ignore` (KUS-APPLY-16). */
export interface IgnoreRule {
  /** JSON pointers. */
  paths: readonly string[];
  target?: IgnoreTarget;
}

/** A selector in a rule cannot be compiled. */
export class IgnoreRuleError extends FluxError {
  override readonly code = 'IGNORE_RULE_INVALID';
}

interface CompiledRule {
  matches(object: KubeObject): boolean;
  paths: readonly (readonly string[])[];
}

export type CompiledIgnoreRules = readonly CompiledRule[];

export function compileIgnoreRules(rules: readonly IgnoreRule[]): CompiledIgnoreRules {
  return rules.map(({ paths, target }) => ({ matches: compileTarget(target ?? {}), paths: paths.map(parsePointer) }));
}

function compileTarget(target: IgnoreTarget): (object: KubeObject) => boolean {
  try {
    const fields = (['group', 'version', 'kind', 'name', 'namespace'] as const).map(
      (field) => [field, compileField(target[field])] as const,
    );
    const labels = parseLabelSelector(target.labelSelector ?? '');
    const annotations = parseLabelSelector(target.annotationSelector ?? '');
    return (object) => {
      const { name, namespace } = object.metadata;
      const values = { ...gvkOf(object), name, namespace: namespace ?? '' };
      return (
        fields.every(([field, pattern]) => !pattern || pattern.test(values[field])) &&
        labels.matches(object.metadata.labels) &&
        annotations.matches(object.metadata.annotations)
      );
    };
  } catch (error) {
    throw new IgnoreRuleError(`failed to create ignore rule selector: ${messageOf(error)}`, { cause: error });
  }
}

function compileField(pattern: string | undefined): Regexp | undefined {
  return pattern ? compileRegexp(pattern, { anchored: true }) : undefined;
}

function pathsFor(object: KubeObject, rules: CompiledIgnoreRules): (readonly string[])[] {
  return rules.filter((rule) => rule.matches(object)).flatMap((rule) => rule.paths);
}

/** The object without the fields that are ignored for `matched`, the dry-run object; the same one when there are none. */
export function withoutIgnoredFields(object: KubeObject, matched: KubeObject, rules: CompiledIgnoreRules): KubeObject {
  const paths = pathsFor(matched, rules);
  if (paths.length === 0) return object;
  const copy = deepCopy(object);
  for (const path of paths) removeAt(copy, path);
  return copy;
}

/**
 * The payload of an object that must be applied for other reasons: ignored fields that differ keep their live value. They
 * leave the payload when another Apply manager owns them.
 */
export function withSettledIgnoredFields(
  desired: KubeObject,
  live: KubeObject,
  dryRun: KubeObject,
  options: { rules: CompiledIgnoreRules; owner: string },
): KubeObject {
  const differing = pathsFor(dryRun, options.rules).filter((path) => {
    const [before, after] = [lookUp(live, path), lookUp(dryRun, path)];
    return before.found !== after.found || !isDeepStrictEqual(before.value, after.value);
  });
  if (differing.length === 0) return desired;
  const payload = deepCopy(desired);
  const [stripped, adopted] = partition(differing, (path) => isOwnedByOther(live, path, options.owner));
  for (const path of stripped) removeAt(payload, path);
  for (const path of adopted) adopt(payload, path, lookUp(live, path));
  return payload;
}

/** A field that only a default brought into the dry run is not in the payload, and stays out of it. */
function adopt(payload: KubeObject, path: readonly string[], live: { found: boolean; value?: unknown }): void {
  if (live.found) replaceAt(payload, path, deepCopy(live.value));
  else removeAt(payload, path);
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
