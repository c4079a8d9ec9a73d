import type { JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { parseYaml, type YamlMode } from '@flux/yaml';
import { BuildError, withPrefix } from './errors.ts';

/** A field is written twice. kustomize notices only when it writes the object out. */
export class RepeatedKeyError extends BuildError {}

/** The first document of a manifest, scalars as go-yaml v3 reads them; null when there is none. */
export function readManifest(text: string): JsonValue {
  return read(text, 'v3');
}

/** The first document of kustomize's own files and JSON patches, scalars as sigs.k8s.io/yaml reads them (YAML 1.1). */
export function readConfig(text: string): JsonValue {
  return read(text, 'sigs');
}

/** The first document of a file that kustomize reads by `Unmarshal`, or `UnmarshalStrict`, of sigs.k8s.io/yaml. */
export function readDocument(text: string, options: { readonly strict?: boolean } = {}): JsonValue {
  return withPrefix('error converting YAML to JSON', () => read(text, 'sigs', options.strict));
}

function read(text: string, mode: YamlMode, strict = false): JsonValue {
  try {
    // The parser gives JSON values and nothing else; its type leaves the check to schemas.
    return parseYaml(text, { mode, strict }) as JsonValue;
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    const repeats = mode === 'v3' && error.message.includes('already defined at line');
    throw repeats
      ? new RepeatedKeyError(error.message, { cause: error })
      : new BuildError(error.message, { cause: error });
  }
}
