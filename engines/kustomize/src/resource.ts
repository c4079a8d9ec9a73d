import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { parseApiVersion } from '@flux/apimachinery';
import { cloneJson, ensureObject, fieldOf, isObject, scalarText, setField, textMap } from './json.ts';
import type { Spelling } from './merge/node.ts';
import type { SchemaSet } from './merge/schema.ts';
import { plainScalar } from './plain-scalar.ts';
import { effectiveNamespace, type ResourceId } from './resource-id.ts';
import type { SharedEntries } from './shared-entries.ts';
import { explicitNullKeys, isQuotedAt, settleScalars, spellTexts } from './spelling.ts';

export type Behavior = 'unspecified' | 'create' | 'replace' | 'merge';

interface PreviousId {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

interface IdParts {
  readonly apiVersion?: JsonValue | undefined;
  readonly kind?: JsonValue | undefined;
  readonly name?: JsonValue | undefined;
  readonly namespace?: JsonValue | undefined;
}

/**
 * One object under construction, with what later steps must know of its past: earlier names (for references), prefixes
 * and suffixes, generator behaviour. kustomize keeps these in annotations; here they are fields and never reach the output.
 */
export class Resource implements Spelling {
  object: JsonObject;
  readonly previous: PreviousId[] = [];
  readonly prefixes: string[] = [];
  readonly suffixes: string[] = [];
  /** Names of the `vars` that read from this resource. */
  readonly variables: string[] = [];
  /** Set for generated resources only. */
  behavior: Behavior | undefined;
  needsHash = false;
  /** Labels and annotations that a change of one place changes in others too. */
  shared: SharedEntries | undefined;
  allowsNameChange = false;
  allowsKindChange = false;
  isHelmGenerated = false;
  /** The manifest's text, where the spelling of a value matters; undefined once it says nothing of the object any more. */
  text: string | undefined;
  /** A fault of the manifest that fails the build if the resource is still there at the end. */
  defect: string | undefined;
  readonly #schemas: SchemaSet;
  #id: ResourceId | undefined;
  /** The values that the id was made of. */
  #idParts: IdParts = {};
  #explicitNulls: ReadonlySet<string> | undefined;

  constructor(object: JsonObject, schemas: SchemaSet) {
    this.object = object;
    this.#schemas = schemas;
  }

  get apiVersion(): string {
    return scalarText(fieldOf(this.object, 'apiVersion'));
  }

  get kind(): string {
    return scalarText(fieldOf(this.object, 'kind'));
  }

  get metadata(): JsonObject | undefined {
    const metadata = fieldOf(this.object, 'metadata');
    return isObject(metadata) ? metadata : undefined;
  }

  get name(): string {
    return this.#metaText('name');
  }

  set name(name: JsonValue) {
    const metadata = ensureObject(this.object, 'metadata');
    if (metadata !== undefined) metadata['name'] = name;
  }

  get namespace(): string {
    return this.#metaText('namespace');
  }

  /** A deleted or empty resource; steps skip it and the set drops it. */
  get isEmpty(): boolean {
    for (const key in this.object) if (Object.hasOwn(this.object, key)) return false;
    return true;
  }

  /** The current id; computed again only when apiVersion, kind, name or namespace changed. */
  get id(): ResourceId {
    const { object, metadata } = this;
    const { apiVersion, kind } = object;
    const name = metadata?.['name'];
    const namespace = metadata?.['namespace'];
    const parts = this.#idParts;
    if (this.#id !== undefined && parts.name === name && parts.namespace === namespace) {
      if (parts.kind === kind && parts.apiVersion === apiVersion) return this.#id;
    }
    this.#idParts = { apiVersion, kind, name, namespace };
    this.#id = this.#makeId();
    return this.#id;
  }

  #makeId(): ResourceId {
    const { apiVersion, kind, name, namespace } = this;
    const clusterScoped = this.#schemas.isClusterScoped(apiVersion, kind);
    return { ...parseApiVersion(apiVersion), kind, name, namespace, clusterScoped };
  }

  /** Ids it had before, oldest first; cluster scope survives in the recorded namespace. */
  get previousIds(): ResourceId[] {
    const gv = parseApiVersion(this.apiVersion);
    return this.previous.map((previous) => ({ ...gv, ...previous, clusterScoped: false }));
  }

  get originalId(): ResourceId {
    const first = this.previous[0];
    return first === undefined ? this.id : { ...parseApiVersion(this.apiVersion), ...first, clusterScoped: false };
  }

  /** Whether a null at a field of this name was written out, and not left empty. */
  writesNull(key: string): boolean {
    if (this.text === undefined) return true;
    this.#explicitNulls ??= explicitNullKeys(this.text);
    return this.#explicitNulls.has(key);
  }

  /** Whether a text at a field of this name was in quotes; one that would be no text without them surely was. */
  isQuoted(key: string, text: string): boolean {
    return plainScalar(text) !== text || (this.text !== undefined && isQuotedAt(this.text, key, text));
  }

  /** Makes texts of annotations that are not, spelled as in the manifest. */
  spellAnnotations(): void {
    if (this.text !== undefined) spellTexts(this.metaMap('annotations'), this.text);
  }

  /** The same for labels. */
  spellLabels(): void {
    if (this.text !== undefined) spellTexts(this.metaMap('labels'), this.text);
  }

  /** Annotations become texts, as whenever kustomize writes the whole map of them. */
  stringifyAnnotations(): void {
    this.spellAnnotations();
    const annotations = this.metaMap('annotations');
    this.shared?.leave(annotations);
    for (const [key, text] of textMap(annotations)) setField(annotations, key, text);
  }

  /** Gives scalars the form in which kustomize writes them out; done before JSON patches and at the end. */
  settleScalars(): void {
    if (this.text !== undefined) settleScalars(this.object, this.text);
  }

  /** Whether kustomize would keep notes on the resource in its annotations, which then exist. */
  get hasHistory(): boolean {
    const { previous, prefixes, suffixes, behavior, needsHash, allowsNameChange, allowsKindChange } = this;
    if (allowsNameChange || allowsKindChange || this.isHelmGenerated) return true;
    return previous.length > 0 || prefixes.length > 0 || suffixes.length > 0 || behavior !== undefined || needsHash;
  }

  /** Remembers the current id, so that references by it still find the resource. */
  storePreviousId(): void {
    const id = this.id;
    this.shared?.leave(this.metaMap('annotations')); // kustomize notes the id there
    this.previous.push({ kind: id.kind, name: id.name, namespace: effectiveNamespace(id) });
  }

  /** Annotations as an object that may be changed; made when absent. */
  ensureAnnotations(): JsonObject | undefined {
    const metadata = ensureObject(this.object, 'metadata');
    return metadata === undefined ? undefined : ensureObject(metadata, 'annotations');
  }

  annotation(key: string): string | undefined {
    return this.#mapText('annotations', key);
  }

  label(key: string): string | undefined {
    return this.#mapText('labels', key);
  }

  /** A map of metadata (`labels`, `annotations`), empty when absent. */
  metaMap(field: 'labels' | 'annotations'): JsonObject {
    const value = this.metadata === undefined ? undefined : fieldOf(this.metadata, field);
    return isObject(value) ? value : {};
  }

  setAnnotation(key: string, value: string): void {
    const annotations = this.ensureAnnotations();
    if (annotations !== undefined) setField(annotations, key, value);
  }

  clone(): Resource {
    const copy = new Resource(cloneJson(this.object), this.#schemas);
    copy.previous.push(...this.previous);
    copy.prefixes.push(...this.prefixes);
    copy.suffixes.push(...this.suffixes);
    copy.variables.push(...this.variables);
    copy.behavior = this.behavior;
    copy.needsHash = this.needsHash;
    copy.allowsNameChange = this.allowsNameChange;
    copy.allowsKindChange = this.allowsKindChange;
    copy.isHelmGenerated = this.isHelmGenerated;
    copy.defect = this.defect;
    copy.text = this.text;
    return copy;
  }

  #metaText(field: string): string {
    const metadata = this.metadata;
    return metadata === undefined ? '' : scalarText(fieldOf(metadata, field));
  }

  #mapText(field: 'labels' | 'annotations', key: string): string | undefined {
    const value = fieldOf(this.metaMap(field), key);
    return value === undefined ? undefined : scalarText(value);
  }
}
