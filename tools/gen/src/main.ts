import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { apiPages } from './api-pages.ts';
import { cliPages } from './cli-pages.ts';
import { definitionFiles } from './definition-files.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
/** Folders that hold nothing but generated files; what is not generated any more is removed from them. */
const ownFolders = ['manifests/crds', 'docs/reference/api', 'docs/reference/cli'];

/** Writes every generated file; with `--check` only tells whether one of them is out of date. */
async function main(): Promise<number> {
  const files = new Map([...definitionFiles(), ...apiPages(), ...(await cliPages())]);
  const stale = [...(await outdated(files)), ...(await leftOver(files))];
  if (process.argv.includes('--check')) {
    for (const path of stale) process.stderr.write(`✗ ${path} is out of date, run npm run gen\n`);
    return stale.length > 0 ? 1 : 0;
  }
  for (const path of stale) {
    const content = files.get(path);
    const target = join(root, path);
    if (content === undefined) await rm(target);
    else {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
  }
  process.stdout.write(`${files.size} generated files, ${stale.length} changed\n`);
  return 0;
}

async function outdated(files: ReadonlyMap<string, string>): Promise<string[]> {
  const paths: string[] = [];
  for (const [path, content] of files) {
    const present = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (present !== content) paths.push(path);
  }
  return paths;
}

async function leftOver(files: ReadonlyMap<string, string>): Promise<string[]> {
  const paths: string[] = [];
  for (const folder of ownFolders) {
    const names = await readdir(join(root, folder)).catch(() => []);
    paths.push(...names.map((name) => `${folder}/${name}`).filter((path) => !files.has(path)));
  }
  return paths;
}

process.exitCode = await main();
