import type { Values } from '../chart/chart.ts';
import { readValues } from './read-values.ts';
import { parseSet, parseSetFile, parseSetJson, parseSetLiteral, parseSetString } from './set-parser.ts';
import { isTable, mergeTables } from './table.ts';
import { ValuesError } from './values-error.ts';

/** What `helm template` takes as `--values`, `--set-json`, `--set`, `--set-string`, `--set-file` and `--set-literal`. */
export interface ValuesOptions {
  files?: readonly string[];
  setJson?: readonly string[];
  set?: readonly string[];
  setString?: readonly string[];
  setFile?: readonly string[];
  setLiteral?: readonly string[];
}

/** Reads a file that an option names: a path, a URL or `-`. */
export type ReadValuesFile = (path: string) => Promise<string> | string;

/** Composes a user's values in Helm's order, in which later options win over earlier ones. */
export async function mergeValuesFiles(options: ValuesOptions, readFile: ReadValuesFile): Promise<Values> {
  let values: Values = {};
  for (const path of options.files ?? []) {
    const text = await readFile(path);
    values = mergeTables(
      values,
      withPrefix(`failed to parse ${path}: `, () => readValues(text)),
    );
  }
  for (const text of options.setJson ?? []) values = addJson(values, text);
  for (const text of options.set ?? []) withPrefix('failed parsing --set data: ', () => parseSet(text, values));
  for (const text of options.setString ?? []) {
    withPrefix('failed parsing --set-string data: ', () => parseSetString(text, values));
  }
  for (const text of options.setFile ?? []) await addFiles(values, text, readFile);
  for (const text of options.setLiteral ?? []) {
    withPrefix('failed parsing --set-literal data: ', () => parseSetLiteral(text, values));
  }
  return values;
}

/** An object is merged, anything else is `key=json`; Helm does not say what is wrong with it. */
function addJson(values: Values, text: string): Values {
  if (!text.trim().startsWith('{')) {
    return replace(`failed parsing --set-json data ${text}`, () => parseSetJson(text, values));
  }
  const parsed = replace(`failed parsing --set-json data JSON: ${text}`, (): unknown => JSON.parse(text));
  return isTable(parsed) ? mergeTables(values, parsed) : values;
}

/** The paths are known only once the text is parsed, so it is parsed once to find them and once to set what they hold. */
async function addFiles(values: Values, text: string, readFile: ReadValuesFile): Promise<void> {
  const prefix = 'failed parsing --set-file data: ';
  const paths = new Set<string>();
  withPrefix(prefix, () => parseSetFile(text, (path) => paths.add(path)));
  const contents = new Map<string, string>();
  for (const path of paths) contents.set(path, await withPrefixAsync(prefix, async () => readFile(path)));
  withPrefix(prefix, () => parseSetFile(text, (path) => contents.get(path) ?? '', values));
}

function withPrefix<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw prefixed(prefix, error);
  }
}

async function withPrefixAsync<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw prefixed(prefix, error);
  }
}

function prefixed(prefix: string, error: unknown): unknown {
  return error instanceof Error ? new ValuesError(prefix + error.message, { cause: error }) : error;
}

function replace<T>(message: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new ValuesError(message, { cause: error });
  }
}
