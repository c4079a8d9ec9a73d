import { posix } from 'node:path';
import type { ReadableFileSystem } from '@flux/fs';
import type { Chart, ChartFile } from './chart.ts';
import { type Budget, budgetOf } from './chart-budget.ts';
import { ChartError } from './chart-error.ts';
import { type HelmIgnore, helmIgnore } from './helm-ignore.ts';
import { type LoadOptions, loadChartArchive } from './load-archive.ts';
import { loadFiles } from './load-files.ts';
import { withoutMark } from './read-archive.ts';

/** Loads a chart from its folder or its archive, whichever the path is. */
export async function loadChart(fs: ReadableFileSystem, path: string, options: LoadOptions = {}): Promise<Chart> {
  if (!fs.isFile(path)) return loadChartFolder(fs, path, options);
  const data = fs.readFile(path);
  checkIsArchive(data, path);
  return loadChartArchive(data, options);
}

/** Loads a chart from its folder, without what `.helmignore` names; links are followed as far as the file system lets them. */
export async function loadChartFolder(fs: ReadableFileSystem, path: string, options: LoadOptions = {}): Promise<Chart> {
  const ignoreFile = posix.join(path, '.helmignore');
  const ignores = helmIgnore(fs.isFile(ignoreFile) ? fs.readText(ignoreFile) : '');
  const budget = budgetOf(options);
  const files = new Walk(fs, { root: path, ignores, budget }).run();
  return loadFiles(files, budget, options.warn);
}

interface WalkOptions {
  root: string;
  ignores: HelmIgnore;
  budget: Budget;
}

class Walk {
  readonly #fs: ReadableFileSystem;
  readonly #options: WalkOptions;
  readonly #files: ChartFile[] = [];

  constructor(fs: ReadableFileSystem, options: WalkOptions) {
    this.#fs = fs;
    this.#options = options;
  }

  run(): ChartFile[] {
    this.#directory('', []);
    return this.#files;
  }

  /** `above` are the real paths that lead here, so that a link to one of them ends. */
  #directory(name: string, above: readonly string[]): void {
    const path = this.#pathOf(name);
    const real = this.#fs.realPath(path);
    if (above.includes(real)) throw new ChartError(`error evaluating symlink ${path}: it leads back to itself`);
    for (const entry of this.#fs.readDirectory(path)) {
      const below = name === '' ? entry : `${name}/${entry}`;
      if (this.#fs.isDirectory(this.#pathOf(below))) {
        if (!this.#options.ignores(below, true)) this.#directory(below, [...above, real]);
      } else if (!this.#options.ignores(below, false)) this.#file(below);
    }
  }

  #file(name: string): void {
    const path = this.#pathOf(name);
    if (!this.#fs.isFile(path)) {
      // A link that leads nowhere, or outside of the file system, says so itself.
      this.#fs.realPath(path);
      throw new ChartError(`cannot load irregular file ${path} as it has file mode type bits set`);
    }
    const data = this.#fs.readFile(path);
    const { budget } = this.#options;
    if (data.length > budget.file) {
      throw new ChartError(`chart file ${JSON.stringify(name)} is larger than the maximum file size ${budget.file}`);
    }
    if (data.length > budget.left) {
      throw new ChartError(`error reading ${name}: chart exceeds maximum decompressed size of ${budget.total} bytes`);
    }
    budget.left -= data.length;
    this.#files.push({ name, data: withoutMark(data) });
  }

  #pathOf(name: string): string {
    return name === '' ? this.#options.root : posix.join(this.#options.root, name);
  }
}

/** Says what a file is that is no archive, so that a values file in place of a chart is understood. */
function checkIsArchive(data: Uint8Array, path: string): void {
  if (data[0] === 0x1f && data[1] === 0x8b) return;
  if (/\.ya?ml$/.test(path)) {
    throw new ChartError(`file '${path}' seems to be a YAML file, but expected a gzipped archive`);
  }
  const type = data.subarray(0, 512).some(isBinary) ? 'application/octet-stream' : 'text/plain; charset=utf-8';
  throw new ChartError(`file '${path}' does not appear to be a gzipped archive; got '${type}'`);
}

function isBinary(byte: number): boolean {
  return byte < 9 || byte === 11 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32);
}
