import type { JsonValue } from '@flux/apimachinery';
import { visitField } from '../config/field-spec.ts';
import type { Variable } from '../config/kustomization.ts';
import type { TransformerConfig } from '../config/transformer-config.ts';
import type { CopyBudget } from '../copy-budget.ts';
import { BuildError } from '../errors.ts';
import { compareText, formatGvk, gvkEquals } from '../gvk.ts';
import { type Holder, isObject, type Key, readSlot, setField, writeSlot } from '../json.ts';
import { lookupPath, splitFieldPath } from '../merge/path-match.ts';
import type { Resource } from '../resource.ts';
import { type ResourceId, sameNamespace } from '../resource-id.ts';
import type { ResourceSet } from '../resource-set.ts';

/** The `vars` of a build by name; a name may be declared once. */
export class VariableSet {
  readonly #variables = new Map<string, Variable>();

  add(variable: Variable): void {
    if (this.#variables.has(variable.name)) throw new BuildError(`var '${variable.name}' already encountered`);
    variable.fieldref.fieldPath ||= 'metadata.name';
    this.#variables.set(variable.name, variable);
  }

  addAll(other: VariableSet): void {
    for (const variable of other.#variables.values()) this.add(variable);
  }

  get isEmpty(): boolean {
    return this.#variables.size === 0;
  }

  sorted(): Variable[] {
    return [...this.#variables.values()].sort((a, b) => compareText(a.name, b.name));
  }
}

/** Completes declarations: `apiVersion` gives group and version, the field path defaults to the name. */
export function normaliseVariables(variables: readonly Variable[]): void {
  for (const { objref } of variables) {
    const parts = objref.apiVersion === '' ? [] : objref.apiVersion.split('/');
    if (parts.length === 2) [objref.group = '', objref.version = ''] = parts;
    if (parts.length === 1) [objref.version = ''] = parts;
  }
}

/** Marks the resource that each variable reads from; more than one is an error, none may turn up later. */
export function bindVariables(resources: ResourceSet, variables: readonly Variable[]): void {
  for (const variable of variables) {
    const { group, version, kind, name, namespace } = variable.objref;
    // kustomize does not look the scope up here: with a namespace, nothing cluster-scoped matches.
    const wanted: ResourceId = { group, version, kind, name, namespace, clusterScoped: false };
    const exact = namespace !== '';
    const matches = resources.resources.filter((resource) => {
      if (resource.isEmpty) return false;
      const ids = [...resource.previousIds, resource.id];
      return ids.some((id) => id.name === name && gvkEquals(id, wanted) && (!exact || sameNamespace(id, wanted)));
    });
    if (matches.length > 1) {
      throw new BuildError(
        `found ${matches.length} resId matches for var ${describeVariable(variable, false)} (unable to disambiguate)`,
      );
    }
    matches[0]?.variables.push(variable.name);
  }
}

export function describeVariable({ name, objref, fieldref }: Variable, raw: boolean): string {
  // Before it is completed from its apiVersion, a declaration shows neither group nor version.
  const gvk = raw && objref.apiVersion !== '' ? { group: '', version: '', kind: objref.kind } : objref;
  return `{${name} ${formatGvk(gvk)} {${fieldref.fieldPath}}}`;
}

/** Replaces `$(NAME)` in the fields of the configuration's `varReference`. Returns the names that were never used. */
export function resolveVariables(
  resources: ResourceSet,
  variables: VariableSet,
  config: TransformerConfig,
  copies: CopyBudget,
): string[] {
  if (variables.isEmpty) return [];
  const values = new Map<string, JsonValue>();
  for (const variable of variables.sorted()) values.set(variable.name, variableValue(variable, resources.resources));
  const replacer = new Replacer(values, copies);
  for (const resource of resources.resources) {
    for (const spec of config.varReference) {
      visitField(resource, spec, (holder, key) => replaceAt(holder, key, replacer));
    }
  }
  return replacer.unused();
}

function variableValue(variable: Variable, resources: readonly Resource[]): JsonValue {
  const shown = describeVariable(variable, false);
  const resource = resources.find((candidate) => candidate.variables.includes(variable.name));
  if (resource === undefined) {
    throw new BuildError(`var '${shown}' cannot be mapped to a field in the set of known resources`);
  }
  let value: JsonValue | undefined;
  try {
    value = lookupPath(resource.object, variablePath(variable.fieldref.fieldPath));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
  }
  if (value === undefined) {
    throw new BuildError(`field specified in var '${shown}' not found in corresponding resource`);
  }
  return value ?? '';
}

/** `ports[0]` means the parts `ports` and `0`. */
function variablePath(path: string): string[] {
  return splitFieldPath(path).flatMap((part) => {
    const match = /^(.*)\[(-?\d+)\]$/.exec(part);
    if (match === null) return [part];
    const [, name = '', index = ''] = match;
    return name === '' ? [index] : [name, index];
  });
}

class Replacer {
  readonly #values: ReadonlyMap<string, JsonValue>;
  readonly #copies: CopyBudget;
  readonly #used = new Set<string>();

  constructor(values: ReadonlyMap<string, JsonValue>, copies: CopyBudget) {
    this.#values = values;
    this.#copies = copies;
  }

  /** Expands `$(NAME)`; `$$` is a dollar sign. A text that is nothing but one reference takes the value's type. */
  expand(text: string): JsonValue {
    let result = '';
    let index = 0;
    while (index < text.length) {
      const dollar = text.indexOf('$', index);
      if (dollar < 0 || dollar + 1 >= text.length) break;
      result += text.slice(index, dollar);
      const next = text[dollar + 1];
      const close = next === '(' ? text.indexOf(')', dollar + 2) : -1;
      if (close < 0) {
        result += next === '$' ? '$' : `$${next}`;
        index = dollar + 2;
        continue;
      }
      const value = this.#lookup(text.slice(dollar + 2, close));
      if (dollar === 0 && close === text.length - 1) return value;
      result += String(value);
      index = close + 1;
    }
    return result + text.slice(index);
  }

  unused(): string[] {
    return [...this.#values.keys()].filter((name) => !this.#used.has(name));
  }

  #lookup(name: string): JsonValue {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === 'object') return `$(${name})`;
    this.#used.add(name);
    this.#copies.charge(value, 'a var');
    return value;
  }
}

function replaceAt(holder: Holder, key: Key, replacer: Replacer): void {
  const value = readSlot(holder, key);
  if (typeof value === 'string') writeSlot(holder, key, replacer.expand(value));
  else if (Array.isArray(value)) {
    value.forEach((item, index) => {
      if (typeof item !== 'string') throw new BuildError('invalid value type expect a string');
      value[index] = replacer.expand(item);
    });
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) {
      const item = value[name];
      if (typeof item === 'string') setField(value, name, replacer.expand(item));
    }
  }
}
