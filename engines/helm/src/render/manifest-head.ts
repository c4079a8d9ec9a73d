import { isJsonObject, setMember } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { parseYaml } from '@flux/yaml';
import { scalarText, unmarshalProblem } from '../chart/unmarshal.ts';
import { RenderError } from './render-error.ts';

/** What sorting needs to know of a document. */
export interface ManifestHead {
  apiVersion: string;
  kind: string;
  name: string;
  annotations: Readonly<Record<string, string>>;
}

type Fields = ReadonlyMap<string, unknown>;

const metadataType = 'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }';

/** Reads the head of a document as Go reads it into a struct; broken YAML anywhere in it is an error (HELM-MAN-05). */
export function readHead(text: string, path: string): ManifestHead {
  const value = parseDocument(text, path);
  try {
    const head = readFields(value, 'value of type util.SimpleHead');
    const metadata = readFields(head.get('metadata'), `struct field SimpleHead.metadata of type ${metadataType}`);
    return {
      apiVersion: readText(head.get('apiversion'), 'SimpleHead.apiVersion'),
      kind: readText(head.get('kind'), 'SimpleHead.kind'),
      name: readText(metadata.get('name'), '.metadata.name'),
      annotations: readAnnotations(metadata.get('annotations')),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new RenderError(
      `YAML parse error on ${path}: error unmarshaling JSON: while decoding JSON: ${error.message}`,
    );
  }
}

function parseDocument(text: string, path: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const cause = messageOf(error);
    throw new RenderError(`YAML parse error on ${path}: error converting YAML to JSON: ${cause}`, { cause: error });
  }
}

/** The fields of an object under lower-case names: Go matches them so, and of several the last by bytes wins. */
function readFields(value: unknown, target: string): Fields {
  if (value === null || value === undefined) return new Map();
  if (!isJsonObject(value)) throw unmarshalError(value, target);
  const keys = Object.keys(value).sort();
  return new Map(keys.map((key) => [key.toLowerCase(), value[key]]));
}

function readAnnotations(value: unknown): Record<string, string> {
  const annotations: Record<string, string> = {};
  if (value === null || value === undefined) return annotations;
  const target = 'struct field .metadata.annotations of type map[string]string';
  if (!isJsonObject(value)) throw unmarshalError(value, target);
  for (const [key, item] of Object.entries(value)) {
    setMember(annotations, key, readText(item, '.metadata.annotations'));
  }
  return annotations;
}

/** A string; numbers and booleans become one, as sigs.k8s.io/yaml makes them fit. */
function readText(value: unknown, field: string): string {
  if (value === null || value === undefined) return '';
  const text = scalarText(value);
  if (text === undefined) throw unmarshalError(value, `struct field ${field} of type string`);
  return text;
}

function unmarshalError(value: unknown, target: string): TypeError {
  return new TypeError(unmarshalProblem(value, target));
}
