import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkCycles } from './cycles.ts';
import { checkDeadExports } from './dead-exports.ts';
import { checkDocumentedPaths } from './documented-paths.ts';
import { checkDeclared, checkLayers } from './layers.ts';
import { listPackages, listSourceFiles, root } from './source-files.ts';

interface Gate {
  name: string;
  run: (path: string | undefined) => Promise<string[]>;
}

/** `npm run check [path]`: the one gate, the same locally and in CI. With a path, tools that can be scoped are. */
const gates: readonly Gate[] = [
  { name: 'structure', run: async () => structure() },
  { name: 'format and lint', run: (path) => command('biome', ['check', '--max-diagnostics=40', path ?? '.']) },
  { name: 'types', run: () => command('tsc', ['-p', '.']) },
  { name: 'generated files', run: () => command('node', [join(root, 'tools/gen/src/main.ts'), '--check']) },
  { name: 'tests', run: (path) => command('vitest', ['run', ...(path ? [path] : [])]) },
];

function structure(): string[] {
  const packages = listPackages();
  const files = listSourceFiles(packages);
  return [
    ...checkLayers(packages, files),
    ...checkDeclared(packages, files),
    ...checkCycles(files),
    ...checkDeadExports(packages, files),
    ...checkDocumentedPaths(),
  ];
}

function command(name: string, args: string[]): Promise<string[]> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    child.on('error', (error) => resolve([String(error)]));
    child.on('close', (code) => resolve(code === 0 ? [] : [output.trimEnd() || `${name} exited with ${code}`]));
  });
}

const args = process.argv.slice(2);
const skip = new Set(args.filter((arg) => arg.startsWith('--no-')).map((arg) => arg.slice(5)));
const path = args.find((arg) => !arg.startsWith('-'));
let failed = 0;
await Promise.all(
  gates
    .filter(({ name }) => !skip.has(name.split(' ')[0]!))
    .map(async ({ name, run }) => {
      const problems = await run(path);
      if (problems.length > 0) failed++;
      process.stdout.write(`${problems.length === 0 ? '✔' : '✗'} ${name}\n`);
      for (const problem of problems) process.stdout.write(`${problem}\n`);
    }),
);
process.exitCode = failed > 0 ? 1 : 0;
