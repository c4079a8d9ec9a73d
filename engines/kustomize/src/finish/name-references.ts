import type { JsonObject } from '@flux/apimachinery';
import { formatYaml } from '@flux/yaml';
import { type FieldSpec, visitPath } from '../config/field-spec.ts';
import type { NameReference, TransformerConfig } from '../config/transformer-config.ts';
import { describeResource } from '../describe-resource.ts';
import { BuildError } from '../errors.ts';
import { type Gvk, isSelected } from '../gvk.ts';
import { fieldOf, type Holder, isObject, type Key, readSlot, scalarText, setField, writeSlot } from '../json.ts';
import { restyled } from '../plain-scalar.ts';
import type { Resource } from '../resource.ts';
import { effectiveNamespace, formatId, type ResourceId, sameNamespace } from '../resource-id.ts';
import type { ResourceSet } from '../resource-set.ts';
import { ReferralCandidates } from './referral-candidates.ts';

/** Follows changed names into the fields that refer to them (KUS-BUILD-08). */
export function fixNameReferences(resources: ResourceSet, config: TransformerConfig): void {
  const candidates = new ReferralCandidates(resources.resources);
  const places = new PlaceIndex(config.nameReference);
  for (const referrer of resources.resources) {
    const wanted = places.for(referrer.originalId);
    if (wanted.length === 0) continue;
    const scope = new ReferrerScope(referrer);
    for (const { spec, target } of wanted) fixPlace({ referrer, scope, candidates, spec, target });
  }
}

interface ReferencePlace {
  readonly spec: FieldSpec;
  /** The kind that is referred to. */
  readonly target: Gvk;
}

/** Reference places by the referrer's kind; the few that name no kind are tried for each. */
class PlaceIndex {
  readonly #byKind = new Map<string, ReferencePlace[]>();
  readonly #known = new Map<string, readonly ReferencePlace[]>();

  constructor(references: readonly NameReference[]) {
    for (const target of references) {
      for (const spec of target.fieldSpecs) {
        const list = this.#byKind.get(spec.kind);
        if (list === undefined) this.#byKind.set(spec.kind, [{ spec, target }]);
        else list.push({ spec, target });
      }
    }
  }

  for(id: ResourceId): readonly ReferencePlace[] {
    const key = `${id.kind}\n${id.version}\n${id.group}`;
    let places = this.#known.get(key);
    if (places === undefined) {
      const all = [...(this.#byKind.get(id.kind) ?? []), ...(id.kind === '' ? [] : (this.#byKind.get('') ?? []))];
      places = all.filter(({ spec }) => isSelected(id, spec));
      this.#known.set(key, places);
    }
    return places;
  }
}

/** Which resources a referrer can see: its own namespace, cluster-scoped ones, and the subjects of a role binding. */
class ReferrerScope {
  readonly #id: ResourceId;
  readonly #subjectNamespaces: ReadonlySet<string>;

  constructor(referrer: Resource) {
    this.#id = referrer.id;
    this.#subjectNamespaces = this.#id.clusterScoped ? new Set() : subjectNamespaces(referrer);
  }

  sees(candidate: Resource): boolean {
    if (this.#id.clusterScoped) return true;
    const { id } = candidate;
    return id.clusterScoped || sameNamespace(id, this.#id) || this.#subjectNamespaces.has(candidate.namespace);
  }

  /** The narrower rule for the final choice: service accounts of other namespaces may be referred to. */
  accepts(candidate: Resource): boolean {
    if (this.#id.clusterScoped) return true;
    const { id } = candidate;
    return id.clusterScoped || candidate.kind === 'ServiceAccount' || sameNamespace(id, this.#id);
  }
}

function subjectNamespaces(referrer: Resource): Set<string> {
  const result = new Set<string>();
  const subjects = referrer.kind === 'RoleBinding' ? fieldOf(referrer.object, 'subjects') : undefined;
  if (!Array.isArray(subjects)) return result;
  for (const subject of subjects) {
    if (!isObject(subject) || fieldOf(subject, 'kind') !== 'ServiceAccount') continue;
    const namespace = fieldOf(subject, 'namespace');
    if (typeof namespace === 'string') result.add(namespace);
    else if (namespace !== undefined) {
      throw new BuildError(`Invalid Input: namespace is blank for resource "${formatId(referrer.id)}"\n`);
    }
  }
  return result;
}

interface Fix extends ReferencePlace {
  readonly referrer: Resource;
  readonly scope: ReferrerScope;
  readonly candidates: ReferralCandidates;
}

function fixPlace(fix: Fix): void {
  const { referrer, spec } = fix;
  try {
    visitPath(referrer, spec, (holder, key) => fixValue(holder, key, fix));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    throw new BuildError(
      `updating name reference in '${spec.path}' field of '${formatId(referrer.id)}': ${error.message}`,
      { cause: error },
    );
  }
}

function fixValue(holder: Holder, key: Key, fix: Fix): void {
  const value = readSlot(holder, key);
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (item === null) return;
      if (Array.isArray(item)) {
        throw new BuildError(`${JSON.stringify(item)} is expected to be either a string or a map of string`);
      }
      if (isObject(item)) fixMap(item, fix);
      else fixScalar(value, index, fix);
    });
  } else if (isObject(value)) fixMap(value, fix);
  else fixScalar(holder, key, fix);
}

function fixScalar(holder: Holder, key: Key, fix: Fix): void {
  const current = readSlot(holder, key);
  const name = scalarText(current);
  const referral = chooseReferral(fix.candidates.byPreviousName(name), fix, (resource) => resource.name);
  if (referral !== undefined && referral.name !== name) writeSlot(holder, key, restyled(current, referral.name));
}

/** A map holds the name and perhaps the namespace of what it refers to; both are rewritten. */
function fixMap(map: JsonObject, fix: Fix): void {
  const current = fieldOf(map, 'name');
  if (current === undefined) throw new BuildError("path config error; no 'name' field in node");
  const name = scalarText(current);
  const candidates = inNamespaceOf(map, fix.candidates.byPreviousName(name), fix);
  const referral = chooseReferral(candidates, fix, (resource) => `${resource.name}\n${resource.namespace}`);
  if (referral === undefined || (referral.name === name && referral.namespace === '')) return;
  setField(map, 'name', restyled(current, referral.name));
  if (referral.namespace !== '') setField(map, 'namespace', referral.namespace);
}

function inNamespaceOf(map: JsonObject, named: readonly Resource[], fix: Fix): readonly Resource[] {
  const value = fieldOf(map, 'namespace');
  if (value === undefined) return named;
  const namespace = scalarText(value);
  const visible = (resource: Resource): boolean => fix.scope.sees(resource);
  const original = (resource: Resource): boolean => effectiveNamespace(resource.originalId) === namespace;
  const current = (resource: Resource): boolean => effectiveNamespace(resource.id) === namespace;
  // The original namespace decides when anything at all was there (also resources of other names).
  if (fix.candidates.hasOriginalNamespace(namespace, visible)) return named.filter(original);
  return named.filter(current);
}

function chooseReferral(
  named: readonly Resource[],
  fix: Fix,
  identity: (resource: Resource) => string,
): Resource | undefined {
  if (named.length === 0) return undefined;
  const role = roleFilter(fix);
  let found = named.filter(
    (resource) =>
      fix.scope.sees(resource) &&
      resource.previousIds.some((id) => isSelected(id, fix.target)) &&
      (role === undefined || resource.previousIds.some((id) => isSelected(id, role))) &&
      fix.scope.accepts(resource),
  );
  if (found.length === 1) return found[0];
  found = found.filter((resource) => sharesAffixes(resource, fix.referrer, true));
  if (found.length > 1) found = found.filter((resource) => sharesAffixes(resource, fix.referrer, false));
  const [first] = found;
  if (first === undefined || found.every((resource) => identity(resource) === identity(first))) return first;
  const ids = found.map((resource) => formatId(resource.id)).join(', ');
  throw new BuildError(`found multiple possible referrals: ${ids}\n${describeAmbiguity(fix.referrer, found)}`);
}

/** The kind that a role reference names beside the role. */
function roleFilter({ referrer, spec }: Fix): Gvk | undefined {
  if (!spec.path.endsWith('roleRef/name')) return undefined;
  const reference = fieldOf(referrer.object, 'roleRef');
  if (!isObject(reference)) return undefined;
  const group = fieldOf(reference, 'apiGroup');
  const kind = fieldOf(reference, 'kind');
  if (group === undefined || kind === undefined) return undefined;
  return { group: scalarText(group), version: '', kind: scalarText(kind) };
}

function sharesAffixes(a: Resource, b: Resource, allowEmpty: boolean): boolean {
  return endAlike(a.prefixes, b.prefixes, allowEmpty) && endAlike(a.suffixes, b.suffixes, allowEmpty);
}

function endAlike(a: readonly string[], b: readonly string[], allowEmpty: boolean): boolean {
  if (allowEmpty && (a.length === 0 || b.length === 0)) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length === 0) return long.length === 0;
  return short.every((item, index) => item === long[long.length - short.length + index]);
}

function describeAmbiguity(referrer: Resource, referrals: readonly Resource[]): string {
  const show = (resource: Resource): string => formatYaml(describeResource(resource));
  const parts = referrals.map((resource, index) => `--- possible referral ${index}:\n${show(resource)}\n`);
  return `\n**** Too many possible referral targets to referrer:\n${show(referrer)}\n${parts.join('')}`;
}
