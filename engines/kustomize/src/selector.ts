import { type LabelSelector, parseLabelSelector } from '@flux/apimachinery';
import { compileRegexp } from '@flux/regexp';
import type { Selector } from './config/kustomization.ts';
import { BuildError, messageOf } from './errors.ts';
import type { Gvk } from './gvk.ts';
import { textMap } from './json.ts';
import type { Resource } from './resource.ts';
import { effectiveNamespace } from './resource-id.ts';
import type { ResourceSet } from './resource-set.ts';

type TextMatcher = (text: string) => boolean;

const literal = /^[A-Za-z0-9_/-]*$/;

/** A selector's regular expression; it must match the whole text, and an empty one matches anything (KUS-GEN-08). */
function textMatcher(pattern: string): TextMatcher | undefined {
  if (pattern === '') return undefined;
  if (literal.test(pattern)) return (text) => text === pattern;
  try {
    const expression = compileRegexp(pattern, { anchored: true });
    return (text) => expression.test(text);
  } catch (error) {
    throw new BuildError(messageOf(error), { cause: error });
  }
}

/** The compiled fields of a selector that look at ids. */
export interface IdMatcher {
  matchesGvk(gvk: Gvk): boolean;
  readonly name: TextMatcher | undefined;
  readonly namespace: TextMatcher | undefined;
}

export function idMatcher(selector: Selector): IdMatcher {
  const group = textMatcher(selector.group);
  const version = textMatcher(selector.version);
  const kind = textMatcher(selector.kind);
  return {
    matchesGvk: (gvk) =>
      (kind === undefined || kind(gvk.kind)) &&
      (group === undefined || group(gvk.group)) &&
      (version === undefined || version(gvk.version)),
    name: textMatcher(selector.name),
    namespace: textMatcher(selector.namespace),
  };
}

/** Matches the label and annotation selectors; both empty match everything. */
export function metadataMatcher(selector: Selector): (resource: Resource) => boolean {
  const { labelSelector, annotationSelector } = selector;
  const labels = labelSelector === '' ? undefined : parseSelector(labelSelector);
  const annotations = annotationSelector === '' ? undefined : parseSelector(annotationSelector);
  return (resource) =>
    (labels === undefined || labels.matches(textsOf(resource, 'labels'))) &&
    (annotations === undefined || annotations.matches(textsOf(resource, 'annotations')));
}

function parseSelector(text: string): LabelSelector {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    // kustomize has an older copy of the parser.
    const message = messageOf(error).replace('in, notin, =, ==, !=, gt, lt', "'=', '!=', '==', 'in', notin'");
    throw new BuildError(message, { cause: error });
  }
}

function textsOf(resource: Resource, field: 'labels' | 'annotations'): Record<string, string> {
  return Object.fromEntries(textMap(resource.metaMap(field)));
}

/** Resources whose original or current name and namespace, kind and metadata match. */
export function select(resources: ResourceSet, selector: Selector): Resource[] {
  const matcher = idMatcher(selector);
  const matchesMetadata = metadataMatcher(selector);
  const { name, namespace } = selector;
  const candidates = name !== '' && literal.test(name) ? resources.findByName(name) : resources.resources;
  return candidates.filter((resource) => {
    const { id } = resource;
    if (!matcher.matchesGvk(id)) return false;
    if (name === '' && namespace === '') return matchesMetadata(resource);
    const original = resource.originalId;
    const inNamespace = matcher.namespace;
    if (inNamespace !== undefined) {
      if (!inNamespace(effectiveNamespace(original)) && !inNamespace(effectiveNamespace(id))) return false;
    }
    if (matcher.name !== undefined && !matcher.name(original.name) && !matcher.name(id.name)) return false;
    return matchesMetadata(resource);
  });
}
