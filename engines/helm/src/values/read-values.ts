import { messageOf } from '@flux/errors';
import { parseYaml } from '@flux/yaml';
import type { Values } from '../chart/chart.ts';
import { unmarshalProblem } from '../chart/unmarshal.ts';
import { isTable, mergeTables } from './table.ts';
import { ValuesError } from './values-error.ts';

/** Lines end at newlines only, whatever else Unicode takes for one. */
const separator = /(?:^|(?<=\n))---[^\n]*/g;

/** Values in YAML; tables of later documents are merged over earlier ones (HELM-LOAD-02). */
export function readValues(content: string): Values {
  // Helm ends the last line, which quotes that nothing closes and blocks of text show.
  const text = content === '' || content.endsWith('\n') ? content : `${content}\n`;
  let values: Values = {};
  let start = 0;
  for (const line of text.includes('---') ? text.matchAll(separator) : []) {
    const rest = line[0].slice('---'.length).trim();
    if (rest !== '' && !rest.startsWith('#')) {
      throw new ValuesError(`error reading yaml document: invalid Yaml document separator: ${rest}`);
    }
    // A separator that nothing comes before belongs to what follows, which counts for the lines in errors.
    if (line.index === start) continue;
    values = mergeTables(values, unmarshal(text.slice(start, line.index)));
    start = Math.min(line.index + line[0].length + 1, text.length);
  }
  const last = unmarshal(text.slice(start));
  return start === 0 ? last : mergeTables(values, last);
}

function unmarshal(text: string): Values {
  try {
    return readDocument(text);
  } catch (error) {
    throw new ValuesError(`cannot unmarshal yaml document: ${messageOf(error)}`, { cause: error });
  }
}

/** Values in the first document of YAML, with the error texts of sigs.k8s.io/yaml for the Go type that is named. */
export function readDocument(text: string, type = 'map[string]interface {}'): Values {
  let value: unknown;
  try {
    // Values go through JSON, where every number is a float (HELM-VAL-08).
    value = parseYaml(text, { largeIntegers: 'float' });
  } catch (error) {
    throw new ValuesError(`error converting YAML to JSON: ${messageOf(error)}`, { cause: error });
  }
  if (value === null || value === undefined) return {};
  if (!isTable(value)) {
    const problem = unmarshalProblem(value, `value of type ${type}`);
    throw new ValuesError(`error unmarshaling JSON: while decoding JSON: ${problem}`);
  }
  return value;
}
