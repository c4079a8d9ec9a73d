import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FluxError } from '@flux/errors';
import type { GoProgram } from './modules.ts';

const run = promisify(execFile);

/** Building a program from the Go module proxy failed; the message ends with the tool's own words. */
export class GoBuildError extends FluxError {
  override readonly code = 'GO_BUILD';
}

/** Where built programs are kept: `$FLUX_CACHE`, else `~/.cache/flux-ts`. */
export function cacheDirectory(): string {
  return process.env['FLUX_CACHE'] ?? join(homedir(), '.cache', 'flux-ts');
}

export function binaryPath(program: GoProgram): string {
  return join(cacheDirectory(), 'bin', `${program.name}-${program.version}`);
}

/** Builds what is missing from the cache, one program after the other, and returns the path of each by name. */
export async function ensureBuilt(
  programs: readonly GoProgram[],
  onProgress: (message: string) => void = () => {},
): Promise<Record<string, string>> {
  const paths: Record<string, string> = {};
  for (const program of programs) {
    paths[program.name] = binaryPath(program);
    if (existsSync(binaryPath(program))) continue;
    onProgress(`building ${program.name} ${program.version} from its Go module`);
    await build(program);
  }
  return paths;
}

async function build(program: GoProgram): Promise<void> {
  const folder = join(cacheDirectory(), 'go', `${program.name}-${program.version}`);
  await mkdir(join(folder, 'cmd'), { recursive: true });
  await mkdir(join(cacheDirectory(), 'bin'), { recursive: true });
  await writeFile(join(folder, 'go.mod'), await goMod(program));
  await writeFile(join(folder, 'cmd', 'main.go'), program.main ?? toolImport(program));
  await go(folder, ['mod', 'tidy']);
  const flags = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const temporary = `${binaryPath(program)}.${process.pid}`;
  const target = program.package ?? './cmd';
  await go(folder, ['build', '-trimpath', '-ldflags', ['-s', '-w', ...flags].join(' '), '-o', temporary, target]);
  await rename(temporary, binaryPath(program));
}

/** Keeps the module of a foreign main package in go.mod, although nothing imports a main package. */
function toolImport(program: GoProgram): string {
  return `//go:build tools\n\npackage main\n\nimport _ "${program.package}"\n`;
}

async function goMod(program: GoProgram): Promise<string> {
  const lines = ['module build', '', 'go 1.26', '', `require ${program.module} ${program.version}`];
  if (program.stagingVersion) lines.push('', ...(await stagingReplacements(program, program.stagingVersion)));
  const replacements = Object.entries(program.replacements ?? {}).map(([from, to]) => `replace ${from} => ${to}`);
  if (replacements.length > 0) lines.push('', ...replacements);
  if (program.package) lines.push('', `tool ${program.package}`);
  return `${lines.join('\n')}\n`;
}

/** Kubernetes develops its libraries in folders of its own repository; outside of it their releases take the place. */
async function stagingReplacements(program: GoProgram, version: string): Promise<string[]> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${program.module}@${program.version}`], {
    env: { ...process.env, GOFLAGS: '-mod=mod' },
    maxBuffer: 1 << 20,
  });
  const { GoMod } = JSON.parse(stdout) as { GoMod: string };
  const text = await readFile(GoMod, 'utf8');
  return [...text.matchAll(/^\s+(\S+) => \.\/staging\//gm)].map(
    ([, module]) => `replace ${module} => ${module} ${version}`,
  );
}

async function go(folder: string, args: string[]): Promise<void> {
  try {
    await run('go', args, {
      cwd: folder,
      env: { ...process.env, GOFLAGS: '-mod=mod', CGO_ENABLED: '0' },
      maxBuffer: 64 << 20,
    });
  } catch (error) {
    const words = (error as { stderr?: string }).stderr?.trim().split('\n').slice(-5).join('\n');
    throw new GoBuildError(`go ${args[0]} in ${folder} failed: ${words || String(error)}`, { cause: error });
  }
}
