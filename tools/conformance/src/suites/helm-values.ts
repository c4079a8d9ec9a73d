import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@flux/fs';
import { type HelmRun, helmTemplate } from '../helm-template.ts';
import type { Outcome } from '../outcome.ts';

interface HelmCase {
  id: string;
  /** The chart, in the directory `root`. */
  files: Record<string, string>;
  /** Beside the chart. */
  valuesFiles: Record<string, string>;
  otherFiles: Record<string, string>;
  args: string[];
  output?: string;
  error?: string;
  stderr?: string;
  nondeterministicErrorText?: boolean;
}

/** Runs every recorded command line of `helm template` and compares what it prints. */
export async function run(folder: string): Promise<Outcome[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  await using directory = await temporaryDirectory('helm-values');
  const outcomes: Outcome[] = [];
  for (const name of names) {
    const item: HelmCase = JSON.parse(await readFile(join(folder, name), 'utf8'));
    const place = join(directory.path, name);
    await layOut(item, place);
    const failure = compare(item, await helmTemplate(item.args, place));
    outcomes.push(failure === undefined ? { id: item.id } : { id: item.id, failure });
  }
  return outcomes;
}

async function layOut({ files, valuesFiles, otherFiles }: HelmCase, folder: string): Promise<void> {
  const all = { ...valuesFiles, ...otherFiles };
  for (const [name, text] of Object.entries(files)) all[join('root', name)] = text;
  for (const [name, text] of Object.entries(all)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

function compare(item: HelmCase, actual: HelmRun): string | undefined {
  if (item.error === undefined) {
    return differs('output', item.output, actual.stdout ?? actual.error) ?? compareWarnings(item, actual);
  }
  // What is logged before an error is its text again.
  const expected = item.error.replace(/^level=ERROR .*\n/, '');
  if (!item.nondeterministicErrorText) return differs('error', expected, actual.error ?? actual.stdout);
  return differs('error', sortedLines(expected), sortedLines(actual.error ?? ''));
}

/** Helm goes over maps in random order, so that only the set of warnings is defined. */
function compareWarnings(item: HelmCase, { warnings }: HelmRun): string | undefined {
  return differs('warnings', sortedLines(item.stderr ?? ''), sortedLines(warnings));
}

function sortedLines(text: string): string {
  return [...new Set(text.split('\n').filter((line) => line !== ''))].sort().join('\n');
}

function differs(what: string, expected: unknown, actual: unknown): string | undefined {
  return expected === actual ? undefined : `${what}: expected\n${expected}\ngot\n${actual}`;
}
