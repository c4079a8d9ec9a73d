import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type HelmRun, helmTemplate } from '../helm-template.ts';
import type { Outcome } from '../outcome.ts';

interface HelmCase {
  chart: string;
  case: string;
  args: string[];
  render?: string;
  /** Lines that hold random values; they are not compared. */
  volatileLines?: number[];
  stderr?: string;
  error?: string;
  deterministic?: boolean;
}

/** Renders real charts as recorded and compares bytes; of charts with random values all lines that hold none. */
export async function run(folder: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const name of ['INDEX.json', 'VOLATILE.json', 'ERRORS.json']) {
    if (!existsSync(join(folder, name))) continue;
    const cases = JSON.parse(await readFile(join(folder, name), 'utf8')) as HelmCase[];
    for (const item of cases) {
      const failure = await compare(folder, item, await helmTemplate(item.args, folder));
      const id = `${item.chart}/${item.case}`;
      outcomes.push(failure === undefined ? { id } : { id, failure });
    }
  }
  return outcomes;
}

async function compare(folder: string, item: HelmCase, actual: HelmRun): Promise<string | undefined> {
  if (item.error !== undefined) {
    const text = `${actual.warnings}${actual.error ?? 'no error'}`.trimEnd();
    if (item.deterministic === false && actual.error !== undefined) return undefined;
    return text === item.error.trimEnd()
      ? undefined
      : `expected ${JSON.stringify(item.error)}, got ${JSON.stringify(text)}`;
  }
  if (actual.stdout === undefined) return actual.error;
  if (sortedLines(item.stderr ?? '') !== sortedLines(actual.warnings)) {
    return `expected warnings ${JSON.stringify(item.stderr)}, got ${JSON.stringify(actual.warnings)}`;
  }
  const wanted = gunzipSync(await readFile(join(folder, item.render ?? ''))).toString();
  return difference(wanted.split('\n'), actual.stdout.split('\n'), new Set(item.volatileLines));
}

/** Helm walks over values in random order, and warns in it. */
function sortedLines(text: string): string {
  return text.trimEnd().split('\n').sort().join('\n');
}

function difference(
  wanted: readonly string[],
  actual: readonly string[],
  volatile: ReadonlySet<number>,
): string | undefined {
  for (let line = 0; line < Math.max(wanted.length, actual.length); line++) {
    if (wanted[line] === actual[line] || (volatile.has(line) && actual[line] !== undefined)) continue;
    return `line ${line + 1}: expected ${JSON.stringify(wanted[line])}, got ${JSON.stringify(actual[line])}`;
  }
  return undefined;
}
