import { messageOf } from '@flux/errors';
import { typeNameOf } from '@flux/gotemplate';
import type { Chart, Values } from '../chart/chart.ts';
import type { CompiledSchema } from '../schema/compiled-schema.ts';
import { SchemaError } from '../schema/schema-error.ts';
import { parseSchema } from '../schema/schema-value.ts';
import { compileSchema, validateWithSchema } from '../schema/validate-schema.ts';
import { isTable } from './table.ts';
import { ValuesError } from './values-error.ts';
import type { Warn } from './warning.ts';

export interface ValidateValuesOptions {
  warn?: Warn;
  /** Gives the text of a schema that another refers to by URL. Without it such references are errors. */
  loadSchema?: (url: string) => Promise<string>;
}

/** Throws when coalesced values do not suit the values.schema.json of the chart or of a subchart (HELM-CVAL-06). */
export async function validateValues(chart: Chart, values: Values, options: ValidateValuesOptions = {}): Promise<void> {
  const problems = await findProblems(chart, values, options);
  if (problems === '') return;
  throw new ValuesError(
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${problems}`,
  );
}

async function findProblems(chart: Chart, values: Values, options: ValidateValuesOptions): Promise<string> {
  const { schema, metadata, dependencies } = chart;
  const own = schema && (await findOwnProblems(schema, values, options));
  let problems = own === undefined ? '' : `${metadata.name}:\n${own}`;
  for (const child of dependencies) {
    const { name } = child.metadata;
    const below = Object.hasOwn(values, name) ? values[name] : undefined;
    if (below === undefined || below === null) continue;
    problems += isTable(below)
      ? await findProblems(child, below, options)
      : `${name}:\ninvalid type for values: expected object (map), got ${typeNameOf(below)}\n`;
  }
  return problems;
}

async function findOwnProblems(
  schema: Uint8Array,
  values: Values,
  options: ValidateValuesOptions,
): Promise<string | undefined> {
  try {
    const problems = validateWithSchema(await compiledOf(schema, options), values);
    return problems === undefined ? undefined : `${problems}\n`;
  } catch (error) {
    if (error instanceof SchemaError) return error.message;
    throw error;
  }
}

/** Of schemas that stand on their own: a chart is rendered again and again, and checking its schema takes the most time. */
const compiled = new WeakMap<Uint8Array, CompiledSchema>();

/** Compiling is synchronous and starts again whenever a schema that it asked for is there. */
async function compiledOf(data: Uint8Array, { loadSchema, warn }: ValidateValuesOptions): Promise<CompiledSchema> {
  const known = compiled.get(data);
  if (known) return known;
  const text = new TextDecoder().decode(data);
  let standsAlone = true;
  const loaded = new Map<string, unknown>();
  const load = (url: string): unknown => {
    standsAlone = false;
    if (loaded.has(url)) return loaded.get(url);
    if (url.startsWith('urn:')) return ignoreUrn(url, warn);
    throw new MissingSchema(url);
  };
  for (;;) {
    try {
      const schema = compileSchema(text, load);
      if (standsAlone) compiled.set(data, schema);
      return schema;
    } catch (error) {
      if (!(error instanceof MissingSchema) || !loadSchema || loaded.size >= maxDocuments) throw error;
      loaded.set(error.url, await read(error.url, loadSchema));
    }
  }
}

const maxDocuments = 100;

/** A schema is not there (yet). */
class MissingSchema extends SchemaError {
  readonly url: string;

  constructor(url: string) {
    super(`failing loading ${JSON.stringify(url)}: ${reasonFor(url)}`);
    this.url = url;
  }
}

/** Files beside the chart are never read, so that they are as good as not there. */
function reasonFor(url: string): string {
  if (url.startsWith('file://')) return `open ${url.slice('file://'.length)}: no such file or directory`;
  return /^https?:/.test(url) ? 'remote schemas are not loaded' : `no URLLoader registered for ${JSON.stringify(url)}`;
}

/** Helm takes a schema by name for one that allows everything. */
function ignoreUrn(urn: string, warn?: Warn): true {
  const message = 'unresolved URN reference ignored; using permissive schema';
  warn?.({ level: 'WARN', message, attributes: { urn } });
  return true;
}

async function read(url: string, loadSchema: (url: string) => Promise<string>): Promise<unknown> {
  if (!/^https?:/.test(url)) throw new MissingSchema(url);
  let text: string;
  try {
    text = await loadSchema(url);
  } catch (error) {
    const problem = messageOf(error);
    throw new SchemaError(`failing loading ${JSON.stringify(url)}: ${problem}`, { cause: error });
  }
  return parseSchema(text);
}
