import type { KubeObject } from '@flux/apimachinery';
import { evaluate, substituteVariables } from '@flux/envsubst';
import { formatYaml, parseYaml } from '@flux/yaml';
import { readCaseLines } from '../case-lines.ts';
import type { Outcome } from '../outcome.ts';

interface EnvsubstCase {
  id: string;
  kind: 'eval' | 'resource';
  input: string;
  vars: Record<string, string>;
  strict: boolean;
  always?: boolean;
  output?: string;
  outputB64?: string;
  skipped?: boolean;
  error?: string;
}

/** Replays the recordings of fluxcd/pkg/envsubst and of Flux's substitution in resources. */
export async function run(folder: string): Promise<Outcome[]> {
  const cases = await readCaseLines<EnvsubstCase>(folder);
  return cases.map((item) => {
    const failure = compare(item, attempt(item));
    return failure === undefined ? { id: item.id } : { id: item.id, failure };
  });
}

function attempt(item: EnvsubstCase): { output?: string; error?: string } {
  try {
    if (item.kind === 'resource') return substituteResource(item);
    const lookup = (name: string) => (Object.hasOwn(item.vars, name) ? item.vars[name] : undefined);
    return { output: evaluate(item.input, lookup, { strict: item.strict }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function substituteResource({ input, vars, strict, always }: EnvsubstCase): { output?: string } {
  const object = parseYaml(input, { mode: 'v3' }) as KubeObject;
  const result = substituteVariables(object, vars, { strict, always: always ?? false });
  return result === undefined ? {} : { output: formatYaml(result) };
}

function compare(item: EnvsubstCase, actual: { output?: string; error?: string }): string | undefined {
  // Where the reference crashes any error will do.
  if (item.error?.startsWith('PANIC:')) return actual.error === undefined ? 'expected an error' : undefined;
  const expected = item.outputB64 === undefined ? item.output : Buffer.from(item.outputB64, 'base64').toString();
  if (item.error === actual.error && expected === actual.output) return undefined;
  return `expected ${JSON.stringify(item.error ?? expected)}, got ${JSON.stringify(actual.error ?? actual.output)}`;
}
