import type { JsonValue } from '@flux/apimachinery';
import { BuildError } from '../errors.ts';
import { builtinRoot, type Schema } from './builtin-schema.ts';
import { type BuiltinRank, CustomSchemas } from './custom-schema.ts';
import { clusterScopedKinds, namespacedKinds } from './scope.table.ts';

/**
 * The schemas of one build: kustomize's built-in ones, or those of the `openapi` field. kustomize loads either on first
 * need, so what was needed before a base brought its own schema decides whether, and over what, built-in types count.
 */
export class SchemaSet {
  #isSet = false;
  #custom: CustomSchemas | undefined;
  #builtin: 'unused' | 'wanted' | 'loaded';
  #rank: BuiltinRank = 'below';

  constructor(keepBuiltin = false) {
    this.#builtin = keepBuiltin ? 'loaded' : 'unused';
  }

  /** Applies an `openapi` field; a base's is ignored when one is set already. */
  use(openapi: ReadonlyMap<string, string>, document: JsonValue | undefined): void {
    if (this.#isSet) return;
    const version = openapi.get('version');
    if (document !== undefined) {
      if (version !== undefined) throw new BuildError('builtin version and custom schema provided, cannot use both');
      this.#isSet = true;
      this.#custom = new CustomSchemas(document);
      this.#rank = this.#builtin === 'loaded' ? 'below' : this.#builtin === 'wanted' ? 'above' : 'absent';
      return;
    }
    if (version === undefined || version === '') return;
    if (version !== 'v1.21.2') throw new BuildError('the specified OpenAPI version is not built in');
    this.#isSet = true;
  }

  /** The schema of a kind, for strategic merge. */
  lookup(apiVersion: string, kind: string): Schema | undefined {
    if (this.#custom === undefined) {
      this.#builtin = 'loaded';
      return builtinRoot(apiVersion, kind);
    }
    const custom = this.#custom.root(apiVersion, kind, this.#rank);
    if (this.#rank === 'absent') return custom;
    const builtin = builtinRoot(apiVersion, kind);
    return this.#rank === 'above' ? (builtin ?? custom) : (custom ?? builtin);
  }

  isClusterScoped(apiVersion: string, kind: string): boolean {
    const id = `${apiVersion}/${kind}`;
    if (clusterScopedKinds.has(id)) return true;
    if (namespacedKinds.has(id)) return false;
    if (this.#custom !== undefined) return this.#custom.isClusterScoped(apiVersion, kind);
    if (this.#builtin === 'unused') this.#builtin = 'wanted';
    return false;
  }
}
