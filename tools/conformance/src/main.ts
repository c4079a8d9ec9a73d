import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from './outcome.ts';
import { type Suite, suites } from './registry.ts';

const usage = `Usage: npm run conformance -- [suite…] [--cases DIR] [--known] [--only TEXT] [--verbose]

Replays outputs recorded from the real tools and prints one line a suite, then the ids that fail.
Suites: ${suites.map(({ name }) => name).join(' ')}

  --cases DIR   read the suites from another folder of the same layout
  --known       succeed when nothing fails beyond known-failures.json (what CI asks)
  --only TEXT   report only cases whose id contains the text
  --verbose     print what differed in each failing case
`;

const root = resolve(import.meta.dirname, '..', '..', '..');
const knownPath = join(root, 'tools', 'conformance', 'known-failures.json');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string' },
    only: { type: 'string' },
    known: { type: 'boolean', default: false },
    'write-known': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Own recordings lie in the repository, the others beside it where they are at hand. */
function folderOf(suite: Suite): string | undefined {
  const candidates = values.cases
    ? [join(resolve(values.cases), suite.name)]
    : [join(root, 'tools', 'conformance', 'cases', suite.name), join(root, '..', 'shared', 'cases', suite.name)];
  return candidates.find((folder) => existsSync(folder));
}

/** Prints a suite's counts and returns the ids that failed. With --known, known failures are counted, not listed. */
function report(suite: Suite, outcomes: readonly Outcome[], known: ReadonlySet<string>): string[] {
  const shown = outcomes.filter(({ id }) => values.only === undefined || id.includes(values.only));
  const failures = shown.filter(({ failure }) => failure !== undefined);
  process.stdout.write(`${suite.name}: ${shown.length - failures.length} passed, ${failures.length} failed\n`);
  for (const { id, failure } of failures) {
    if (values.known && known.has(id)) continue;
    process.stdout.write(values.verbose ? `  ${id}\n    ${failure?.replaceAll('\n', '\n    ')}\n` : `  ${id}\n`);
  }
  return failures.map(({ id }) => id);
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`✗ there is no suite '${unknown}'\n${usage}`);
    return 2;
  }
  const known: Record<string, string[]> = JSON.parse(await readFile(knownPath, 'utf8'));
  const found: Record<string, string[]> = {};
  let unexpected = 0;
  for (const suite of suites) {
    if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
    const folder = folderOf(suite);
    if (folder === undefined) {
      process.stdout.write(`${suite.name}: left out, its recordings are not here\n`);
      continue;
    }
    const run = await suite.load();
    const failures = report(suite, await run(folder), new Set(known[suite.name]));
    found[suite.name] = failures;
    unexpected += values.known ? failures.filter((id) => !known[suite.name]?.includes(id)).length : failures.length;
  }
  if (values['write-known']) {
    await writeFile(knownPath, `${JSON.stringify({ ...known, ...found }, null, 1)}\n`);
    return 0;
  }
  return unexpected > 0 ? 1 : 0;
}

process.exit(await main());
