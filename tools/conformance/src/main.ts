import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
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
  --write-known store what fails as the known failures
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

/** Prints a suite's counts and what failed. With --known, known failures are counted, not listed. */
function report(suite: Suite, outcomes: readonly Outcome[], known: ReadonlySet<string>): void {
  const failures = outcomes.filter(({ failure }) => failure !== undefined);
  process.stdout.write(`${suite.name}: ${outcomes.length - failures.length} passed, ${failures.length} failed\n`);
  for (const { id, failure } of failures) {
    if (values.known && known.has(id)) continue;
    process.stdout.write(values.verbose ? `  ${id}\n    ${failure?.replaceAll('\n', '\n    ')}\n` : `  ${id}\n`);
  }
}

/** By a rename, for printing to a closed pipe may end the process at any moment. */
async function writeKnown(known: Readonly<Record<string, readonly string[]>>): Promise<void> {
  await writeFile(`${knownPath}.new`, `${JSON.stringify(known, null, 1)}\n`);
  await rename(`${knownPath}.new`, knownPath);
}

/** The complaint about arguments that do not fit, if there is one. */
function refuseArguments(): string | undefined {
  const unknown = positionals.find((name) => !suites.some((suite) => suite.name === name));
  if (unknown !== undefined) return `there is no suite '${unknown}'`;
  if (values['write-known'] && values.only !== undefined)
    return '--write-known stores whole suites, not those of --only';
  return undefined;
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const complaint = refuseArguments();
  if (complaint !== undefined) {
    process.stderr.write(`✗ ${complaint}\n${usage}`);
    return 2;
  }
  const known: Record<string, string[]> = JSON.parse(await readFile(knownPath, 'utf8'));
  let unexpected = 0;
  for (const suite of suites) {
    if (positionals.length > 0 && !positionals.includes(suite.name)) continue;
    const folder = folderOf(suite);
    if (folder === undefined) {
      process.stdout.write(`${suite.name}: left out, its recordings are not here\n`);
      continue;
    }
    const run = await suite.load();
    const outcomes = (await run(folder)).filter(({ id }) => values.only === undefined || id.includes(values.only));
    const failures = outcomes.filter(({ failure }) => failure !== undefined).map(({ id }) => id);
    const knownFailures = new Set(known[suite.name]);
    if (values['write-known']) {
      known[suite.name] = failures;
      await writeKnown(known);
    }
    report(suite, outcomes, knownFailures);
    unexpected += values.known ? failures.filter((id) => !knownFailures.has(id)).length : failures.length;
  }
  return unexpected > 0 && !values['write-known'] ? 1 : 0;
}

process.exit(await main());
