import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@flux/errors';
import { memoryFileSystem } from '@flux/fs';
import { type BuildOptions, build, resourcesToYaml } from '@flux/kustomize';
import type { Outcome } from '../outcome.ts';

interface KustomizeCase {
  id: string;
  path: string;
  options: { reorder?: BuildOptions['reorder']; managedByLabel?: boolean; loadRestrictions?: boolean };
  files: Record<string, string>;
  expected?: string;
  error?: string;
}

/** Replays recorded builds: bytes must be equal; of errors, cause and what they name. */
export async function run(folder: string): Promise<Outcome[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const item = JSON.parse(await readFile(join(folder, name), 'utf8')) as KustomizeCase;
    const failure = compare(item, await attempt(item));
    outcomes.push(failure === undefined ? { id: item.id } : { id: item.id, failure });
  }
  return outcomes;
}

interface Result {
  output?: string;
  error?: string;
}

async function attempt({ files, path, options }: KustomizeCase): Promise<Result> {
  try {
    const resources = await build(memoryFileSystem(files), path, {
      reorder: options.reorder ?? 'unspecified',
      managedByLabel: options.managedByLabel ?? false,
      loadRestrictions: options.loadRestrictions === false ? 'none' : 'rootOnly',
    });
    return { output: resourcesToYaml(resources) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function compare({ expected, error }: KustomizeCase, actual: Result): string | undefined {
  if (error === undefined) {
    // Recordings begin with a newline that belongs to the Go literal they were taken from.
    const wanted = (expected ?? '').replace(/^\n/, '');
    return actual.output === wanted ? undefined : difference(wanted, actual.output ?? `error: ${actual.error}`);
  }
  if (actual.error === undefined) return `expected the error ${JSON.stringify(error)}, got output`;
  return sameError(error, actual.error) ? undefined : difference(error, actual.error);
}

/**
 * Whether two messages tell of the same failure: the same cause (the last part of the first line) and nearly the same
 * files, objects and fields. kustomize walks Go maps in places, so which of several broken objects it names first varies.
 */
export function sameError(wanted: string, actual: string): boolean {
  if (simplify(wanted) === simplify(actual)) return true;
  if (causeOf(wanted) !== causeOf(actual)) return false;
  const names = namesIn(wanted);
  const found = namesIn(actual);
  const shared = [...names].filter((name) => found.has(name)).length;
  return shared >= Math.ceil(names.size * 0.6);
}

function simplify(message: string): string {
  return message
    .replace(/\\["n]/g, ' ')
    .replace(/["'`\s]+/g, ' ')
    .trim();
}

function causeOf(message: string): string {
  const [first = ''] = message.trim().split('\n');
  const cause = simplify(first).split(': ').at(-1) ?? '';
  // Positions depend on how the document was written out before it was read again.
  return cause.replace(/line \d+/g, 'line');
}

/** Paths, ids, field names: the words of the first line that are more than prose. */
function namesIn(message: string): Set<string> {
  const [first = ''] = message.trim().split('\n');
  return new Set(
    simplify(first)
      .split(/[ ,;]+/)
      .map((word) => word.replace(/[.:]+$/, ''))
      .filter((word) => /[./_$[\]-]|[a-z][A-Z]/.test(word)),
  );
}

function difference(wanted: string, actual: string): string {
  const left = wanted.split('\n');
  const right = actual.split('\n');
  const at = left.findIndex((line, index) => line !== right[index]);
  const line = at < 0 ? left.length : at;
  return `line ${line + 1}: expected ${JSON.stringify(left[line])}, got ${JSON.stringify(right[line])}`;
}
