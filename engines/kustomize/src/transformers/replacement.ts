import type { JsonValue } from '@flux/apimachinery';
import { list, struct, unmarshal } from '../config/decode.ts';
import {
  type FieldOptions,
  type Replacement,
  type ReplacementEntry,
  type ReplacementSource,
  type ReplacementTarget,
  replacementEntry,
  replacementShape,
  type Selector,
} from '../config/kustomization.ts';
import type { CopyBudget } from '../copy-budget.ts';
import { BuildError, withPrefix } from '../errors.ts';
import { isObject, nodeKind, scalarText } from '../json.ts';
import { lookupPath, splitFieldPath } from '../merge/path-match.ts';
import { readDocument } from '../read-yaml.ts';
import type { Resource } from '../resource.ts';
import { formatId, isSelectedBy, type ResourceId } from '../resource-id.ts';
import type { ResourceSet } from '../resource-set.ts';
import { type IdMatcher, idMatcher, metadataMatcher } from '../selector.ts';
import { copyToTarget } from './replacement-target.ts';
import { compact, configure, defineTransformer, type PluginContext, type Transformer } from './transformer.ts';

/** `replacements`: copies a field of one resource into fields of others. */
export const replacementTransformer = defineTransformer({
  name: 'ReplacementTransformer',
  fromKustomization({ replacements }, _config, context) {
    if (replacements.length === 0) return [];
    const describe = (): JsonValue => ({ replacements: replacements.map(({ path }) => compact({ path })) });
    return [configure('ReplacementTransformer', describe, () => makeReplacer(replacements, context))];
  },
  fromPlugin: (raw, context) => makeReplacer(unmarshal(pluginShape, raw).replacements, context),
});

const pluginShape = struct('builtins.ReplacementTransformerPlugin', {
  replacements: list(replacementEntry, '[]types.ReplacementField'),
});

function makeReplacer(entries: readonly ReplacementEntry[], context: PluginContext): Transformer {
  const replacements = entries.flatMap((entry) => resolveEntry(entry, context));
  return {
    transform(resources) {
      for (const replacement of replacements) replace(resources, replacement, context.copies);
      resources.idsChanged();
      resources.dropEmpty();
    },
  };
}

function resolveEntry(entry: ReplacementEntry, { loader }: PluginContext): Replacement[] {
  if (entry.path === '') return [entry];
  if (entry.source !== undefined || (entry.targets?.length ?? 0) > 0) {
    throw new BuildError('cannot specify both path and inline replacement');
  }
  const raw = readDocument(loader.loadText(entry.path));
  if (Array.isArray(raw)) return raw.map((item) => unmarshal(replacementShape, item));
  if (isObject(raw)) return [unmarshal(replacementShape, raw)];
  const kind = raw === null ? 'invalid' : typeof raw;
  throw new BuildError(`unsupported replacement type encountered within replacement path: ${kind}`);
}

function replace(resources: ResourceSet, replacement: Replacement, copies: CopyBudget): void {
  const { source, sourceValue, targets } = replacement;
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    throw new BuildError('replacements must specify a source and at least one target');
  }
  const read = sourceOf(resources.resources, replacement);
  for (const target of targets) applyToTargets(resources.resources, read, target, copies);
}

/** Reads the value. A target may be the source itself, so what is read can change from target to target. */
type ReadSource = () => JsonValue;

function sourceOf(resources: readonly Resource[], { source, sourceValue }: Replacement): ReadSource {
  if (sourceValue !== undefined) {
    if (source !== undefined) throw new BuildError('value and resource selectors are mutually exclusive');
    return () => sourceValue;
  }
  if (source === undefined) throw new BuildError('replacements must specify a source and at least one target');
  const resource = selectSource(resources, source);
  const fieldPath = source.fieldPath || 'metadata.name';
  const path = splitFieldPath(fieldPath);
  const found = withPrefix('error looking up replacement source', () => lookupPath(resource.object, path));
  if (isEmptyValue(found)) {
    throw new BuildError(
      `fieldPath \`${fieldPath}\` is missing for replacement source ${formatId(selectorId(source))}`,
    );
  }
  const refined = refine(found, source.options);
  return source.options?.delimiter ? () => refined : () => lookupPath(resource.object, path) ?? refined;
}

function isEmptyValue(value: JsonValue | undefined): value is undefined | null {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function selectorId(source: ReplacementSource | Selector): ResourceId {
  const { group, version, kind, name, namespace } = source;
  return { group, version, kind, name, namespace, clusterScoped: false };
}

function idsOf(resource: Resource): ResourceId[] {
  // Scope is not known to these ids (utils/makeResIds.go), so an unset namespace compares as `default`.
  return [{ ...resource.id, clusterScoped: false }, ...resource.previousIds];
}

function selectSource(resources: readonly Resource[], source: ReplacementSource): Resource {
  const selector = selectorId(source);
  const matches = resources.filter((resource) => idsOf(resource).some((id) => isSelectedBy(id, selector)));
  const [only] = matches;
  if (only === undefined) throw new BuildError(`nothing selected by ${describeSource(source)}`);
  if (matches.length > 1) throw new BuildError(`multiple matches for selector ${describeSource(source)}`);
  return only;
}

function describeSource(source: ReplacementSource): string {
  const parts = [formatId(selectorId(source))];
  if (source.fieldPath !== '') parts.push(source.fieldPath);
  const { options } = source;
  if (options !== undefined && (options.delimiter !== '' || options.create)) {
    parts.push(`${options.delimiter}(${options.index}), create=${options.create}`);
  }
  return parts.join(':');
}

function refine(value: JsonValue, options: FieldOptions | undefined): JsonValue {
  if (options === undefined || options.delimiter === '') return value;
  if (nodeKind(value) !== 'ScalarNode') {
    throw new BuildError('delimiter option can only be used with scalar nodes');
  }
  const text = scalarText(value);
  const part = text.split(options.delimiter)[options.index];
  if (part === undefined) throw new BuildError(`options.index ${options.index} is out of bounds for value ${text}`);
  return part;
}

function applyToTargets(
  resources: readonly Resource[],
  read: ReadSource,
  target: ReplacementTarget,
  copies: CopyBudget,
): void {
  if (target.select === undefined) throw new BuildError('target must specify resources to select');
  const selects = idMatcher(target.select);
  const matchesMetadata = metadataMatcher(target.select);
  const rejects = target.reject.map((selector) => ({
    selector,
    matcher: idMatcher(selector),
    matchesMetadata: metadataMatcher(selector),
  }));
  for (const resource of resources) {
    if (!matchesMetadata(resource)) continue;
    const ids = idsOf(resource);
    const rejected = rejects.some(({ selector, matcher, matchesMetadata: matches }) => {
      const byMetadata = selector.labelSelector !== '' || selector.annotationSelector !== '';
      if (byMetadata && matches(resource)) return true;
      return !hasNoId(selector) && ids.some((id) => matchesId(id, matcher));
    });
    if (!rejected && ids.some((id) => matchesId(id, selects))) copyToTarget(resource, read(), target, copies);
  }
}

function hasNoId({ group, version, kind, name, namespace }: Selector): boolean {
  return group === '' && version === '' && kind === '' && name === '' && namespace === '';
}

function matchesId(id: ResourceId, matcher: IdMatcher): boolean {
  if (!matcher.matchesGvk(id)) return false;
  if (matcher.name !== undefined && !matcher.name(id.name)) return false;
  return matcher.namespace === undefined || matcher.namespace(id.namespace);
}
