import { parseYaml } from '@flux/yaml';
import type { Values } from '../chart/chart.ts';
import { jsonKind } from '../chart/decode.ts';
import { isTable, mergeTables } from './table.ts';
import { ValuesError } from './values-error.ts';

const separator = /^---[ \t\r]*$/m;

/** Values in YAML; tables of later documents are merged over earlier ones (HELM-LOAD-02). */
export function readValues(text: string): Values {
  try {
    return text.includes('---') ? readDocuments(text) : readDocument(text);
  } catch (error) {
    throw new ValuesError(`cannot unmarshal yaml document: ${(error as Error).message}`, { cause: error });
  }
}

function readDocuments(text: string): Values {
  return text
    .split(separator)
    .map((document) => readDocument(document))
    .reduce(mergeTables, {});
}

/** Values in the first document of YAML, with the error texts of sigs.k8s.io/yaml for the Go type that is named. */
export function readDocument(text: string, type = 'map[string]interface {}'): Values {
  let value: unknown;
  try {
    // Values go through JSON, where every number is a float (HELM-VAL-08).
    value = parseYaml(text, { largeIntegers: 'float' });
  } catch (error) {
    throw new ValuesError(`error converting YAML to JSON: ${(error as Error).message}`, { cause: error });
  }
  if (value === null || value === undefined) return {};
  if (!isTable(value)) {
    throw new ValuesError(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type ${type}`,
    );
  }
  return value;
}
