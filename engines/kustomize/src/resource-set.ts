import { describeResource } from './describe-resource.ts';
import { BuildError } from './errors.ts';
import { encodeBase64 } from './generators/base64.ts';
import { fieldOf, isObject, objectFromMap, scalarText, setField, textMap } from './json.ts';
import { goJson } from './json-text.ts';
import type { Resource } from './resource.ts';
import { formatId, idKey, type ResourceId } from './resource-id.ts';

/**
 * The resources of a build in load order. Look-ups go through indexes that are made on first use; a step that may change
 * names, kinds or namespaces says so with `idsChanged()`.
 */
export class ResourceSet {
  #list: Resource[] = [];
  #current: Map<string, number> | undefined;
  #any: Map<string, Resource[]> | undefined;
  #names: Map<string, Resource[]> | undefined;
  #mayRepeat = false;
  #hasEmpty = false;

  static of(resources: readonly Resource[]): ResourceSet {
    const set = new ResourceSet();
    for (const resource of resources) set.append(resource);
    return set;
  }

  get resources(): readonly Resource[] {
    return this.#list;
  }

  /** Adds a resource; its current id must be new. */
  append(resource: Resource): void {
    const { id } = resource;
    const key = idKey(id);
    const current = this.#currentIndex();
    if (current.has(key)) {
      throw new BuildError(`may not add resource with an already registered id: ${formatId(id)}`);
    }
    current.set(key, 1);
    this.#list.push(resource);
    if (this.#any !== undefined) addIds(this.#any, resource);
    if (this.#names !== undefined) addNames(this.#names, resource);
  }

  appendAll(resources: readonly Resource[]): void {
    for (const resource of resources) this.append(resource);
  }

  /** Adds a generated resource or, as its behaviour asks, merges it into or puts it in place of an existing one. */
  absorb(resource: Resource): void {
    const matches = this.findByAnyId(resource.id);
    const [old] = matches;
    if (matches.length > 1) {
      const found = matches.map((match) => goJson(describeResource(match))).join(' ');
      throw new BuildError(`found multiple objects [${found}] that could accept merge of ${formatId(resource.id)}`);
    }
    const replaces = resource.behavior === 'merge' || resource.behavior === 'replace';
    if (old === undefined) {
      if (replaces) throw new BuildError(`id ${goId(resource.id)} does not exist; cannot merge or replace`);
      this.append(resource);
      return;
    }
    if (!replaces) {
      throw new BuildError(
        `id ${goId(resource.id)} exists; can not use behavior: '${resource.behavior ?? 'unspecified'}', behavior must be merge or replace`,
      );
    }
    if (resource.behavior === 'merge') mergeData(resource, old);
    inherit(resource, old);
    this.#replace(old, resource);
  }

  /** Puts a resource in the place of one with the same ids. */
  #replace(old: Resource, resource: Resource): void {
    this.#list[this.#list.indexOf(old)] = resource;
    for (const index of [this.#any, this.#names]) {
      if (index === undefined) continue;
      const keys = index === this.#any ? idKeys(old) : [old.originalId.name, old.name];
      for (const key of keys) {
        const found = index.get(key);
        const at = found?.indexOf(old) ?? -1;
        if (found !== undefined && at >= 0) found[at] = resource;
      }
    }
  }

  /** Resources that have, or once had, this id. */
  findByAnyId(id: ResourceId): readonly Resource[] {
    if (this.#any === undefined) {
      this.#any = new Map();
      for (const resource of this.#list) if (!resource.isEmpty) addIds(this.#any, resource);
    }
    return this.#any.get(idKey(id)) ?? [];
  }

  /** The only resource with this id, as the target of a patch. */
  getPatchTarget(id: ResourceId): Resource {
    const matches = this.findByAnyId(id);
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return only;
    const what = only === undefined ? 'no matches' : 'multiple matches';
    throw new BuildError(`${what} for Id ${formatId(id)}; failed to find unique target for patch ${formatId(id)}`);
  }

  /** Candidates for a selector by exact name: those whose original or current name it is. */
  findByName(name: string): readonly Resource[] {
    if (this.#names === undefined) {
      this.#names = new Map();
      for (const resource of this.#list) addNames(this.#names, resource);
    }
    return this.#names.get(name) ?? [];
  }

  /** Notes that a step emptied a resource, which means that it is deleted. */
  emptied(): void {
    this.#hasEmpty = true;
  }

  /** Drops deleted resources. */
  dropEmpty(): void {
    if (!this.#hasEmpty) return;
    this.#hasEmpty = false;
    this.#list = this.#list.filter((resource) => !resource.isEmpty);
    this.idsChanged();
  }

  /** Refuses two resources with the same current id; looks only when ids changed since the last time. */
  checkUnique(): void {
    if (!this.#mayRepeat) return;
    const seen = new Set<string>();
    for (const { id } of this.#list) {
      const key = idKey(id);
      if (seen.has(key)) throw new BuildError(`may not add resource with an already registered id: ${formatId(id)}`);
      seen.add(key);
    }
    this.#mayRepeat = false;
  }

  replaceAll(resources: readonly Resource[]): void {
    this.#list = [...resources];
    this.idsChanged();
  }

  idsChanged(): void {
    this.#mayRepeat = true;
    this.#current = undefined;
    this.#any = undefined;
    this.#names = undefined;
  }

  #currentIndex(): Map<string, number> {
    if (this.#current === undefined) {
      this.#current = new Map();
      for (const { id } of this.#list) {
        const key = idKey(id);
        this.#current.set(key, (this.#current.get(key) ?? 0) + 1);
      }
    }
    return this.#current;
  }
}

function addTo(index: Map<string, Resource[]>, key: string, resource: Resource): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [resource]);
  else if (known.at(-1) !== resource) known.push(resource);
}

function addIds(index: Map<string, Resource[]>, resource: Resource): void {
  for (const key of idKeys(resource)) addTo(index, key, resource);
}

/** Keys of all ids, earlier and current. */
function idKeys(resource: Resource): string[] {
  const current = idKey(resource.id);
  return resource.previous.length === 0 ? [current] : [...resource.previousIds.map(idKey), current];
}

function addNames(index: Map<string, Resource[]>, resource: Resource): void {
  addTo(index, resource.originalId.name, resource);
  addTo(index, resource.name, resource);
}

/** An id as Go's `%#v` prints it in two of kustomize's messages. */
function goId(id: ResourceId): string {
  const q = JSON.stringify;
  return (
    `resid.ResId{Gvk:resid.Gvk{Group:${q(id.group)}, Version:${q(id.version)}, Kind:${q(id.kind)}, ` +
    `isClusterScoped:${id.clusterScoped}}, Name:${q(id.name)}, Namespace:${q(id.namespace)}}`
  );
}

/** The new resource takes name, namespace, history and metadata that it does not set itself from the one it replaces. */
function inherit(resource: Resource, old: Resource): void {
  old.spellAnnotations();
  old.spellLabels();
  resource.spellLabels();
  for (const field of ['labels', 'annotations'] as const) {
    setMetaMap(resource, field, new Map([...textMap(old.metaMap(field)), ...textMap(resource.metaMap(field))]));
  }
  resource.name = old.name;
  const metadata = resource.metadata;
  if (metadata !== undefined) {
    if (old.namespace === '') delete metadata['namespace'];
    else metadata['namespace'] = old.namespace;
  }
  resource.previous.splice(0, resource.previous.length, ...old.previous);
  resource.prefixes.splice(0, resource.prefixes.length, ...old.prefixes);
  resource.suffixes.splice(0, resource.suffixes.length, ...old.suffixes);
  resource.variables.splice(0, resource.variables.length, ...old.variables);
  resource.behavior = old.behavior;
  resource.needsHash &&= old.needsHash;
}

/** Writes a map of metadata; an empty one removes the field. */
export function setMetaMap(
  resource: Resource,
  field: 'labels' | 'annotations',
  map: ReadonlyMap<string, string>,
): void {
  const metadata = resource.metadata;
  if (metadata === undefined) return;
  if (map.size === 0) delete metadata[field];
  else metadata[field] = objectFromMap(map);
}

const originKey = 'config.kubernetes.io/origin';

function mergeData(resource: Resource, old: Resource): void {
  for (const field of ['data', 'binaryData']) {
    const known = field === 'data' && isSecret(resource) ? secretData(old) : dataMap(old, field);
    const merged = new Map([...known, ...dataMap(resource, field)]);
    if (merged.size === 0) delete resource.object[field];
    else setField(resource.object, field, objectFromMap(merged));
  }
  const origin = old.annotation(originKey);
  if (origin !== undefined) resource.setAnnotation(originKey, origin);
}

function isSecret({ apiVersion, kind }: Resource): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/** A Secret's `stringData`, encoded, wins over its `data`, as on the API server. */
function secretData(old: Resource): Map<string, string> {
  const merged = dataMap(old, 'data');
  const texts = fieldOf(old.object, 'stringData');
  if (!isObject(texts)) return merged;
  for (const key of Object.keys(texts)) {
    const value = texts[key];
    if (typeof value === 'object' && value !== null) {
      throw new BuildError(
        `failed to normalize stringData for ${formatId(old.id)}: read stringData: stringData value for key "${key}" must be a scalar`,
      );
    }
    merged.set(key, encodeBase64(scalarText(value)));
  }
  return merged;
}

function dataMap(resource: Resource, field: string): Map<string, string> {
  const value = fieldOf(resource.object, field);
  const map = textMap(value);
  for (const [key, text] of map) {
    if (text === 'null' && typeof value === 'object' && value !== null && fieldOf(value as never, key) === null)
      map.set(key, '');
  }
  return map;
}
