import type { ReadableFileSystem } from '@flux/fs';
import { BuildError, messageOf, quote } from '../errors.ts';
import type { ChartRequest, ChartSource } from './charts.ts';
import { type RemoteCache, RemotePending } from './remote.ts';
import { joinPath, normalisePath, parseRepository, type RepositorySpec } from './repository.ts';

export interface LoaderSettings {
  /** Files must lie in or below the kustomization's folder. */
  readonly rootOnly: boolean;
  readonly remotes: RemoteCache;
  /** Missing files are reported in the words of the operating system, not of kustomize's in-memory file system. */
  readonly diskMessages: boolean;
}

interface Repository {
  readonly spec: RepositorySpec;
  readonly root: string;
}

interface Located {
  readonly directory: string;
  /** Empty when the path is a directory. */
  readonly file: string;
}

/** Reads files for one kustomization folder and opens loaders for the folders it names. */
export class Loader {
  /** Absolute, clean and free of symlinks. */
  readonly root: string;
  readonly fs: ReadableFileSystem;
  readonly #settings: LoaderSettings;
  readonly #parent: Loader | undefined;
  readonly #repository: Repository | undefined;

  private constructor(
    place: { fs: ReadableFileSystem; root: string; repository?: Repository },
    settings: LoaderSettings,
    parent: Loader | undefined,
  ) {
    this.fs = place.fs;
    this.root = place.root;
    this.#repository = place.repository;
    this.#settings = settings;
    this.#parent = parent;
  }

  /** The loader of the folder to build. */
  static open(fs: ReadableFileSystem, path: string, settings: LoaderSettings): Loader {
    const repository = parseRepository(path);
    if (repository !== undefined) return Loader.#openClone(repository, settings, undefined);
    const probe = new Loader({ fs, root: '/' }, settings, undefined);
    return new Loader({ fs, root: probe.#confirmDirectory(path) }, settings, undefined);
  }

  hasFile(name: string): boolean {
    const path = joinPath(this.root, name);
    if (!this.fs.isFile(path)) return false;
    return !this.#settings.rootOnly || this.#isInside(this.#locate(path).directory);
  }

  loadText(path: string): string {
    if (isRemoteFile(path)) return new TextDecoder().decode(this.#settings.remotes.file(path));
    return this.#read(path, (file) => this.fs.readText(file));
  }

  loadBytes(path: string): Uint8Array {
    if (isRemoteFile(path)) return this.#settings.remotes.file(path);
    return this.#read(path, (file) => this.fs.readFile(file));
  }

  /** Whether the path is surely a local folder, so that it need not be read as a file; names of manifests are not looked at. */
  isLocalDirectory(path: string): boolean {
    return path !== '' && !/\.ya?ml$/.test(path) && !isRemoteFile(path) && this.fs.isDirectory(this.#absolute(path));
  }

  /** What reading a folder as a file says. */
  directoryMessage(path: string): string {
    const absolute = this.#absolute(path);
    if (this.#settings.rootOnly) return `'${absolute}' must resolve to a file`;
    if (this.#settings.diskMessages) return `read ${absolute}: is a directory`;
    return `cannot read content from non-file '${absolute}'`;
  }

  /** The loader for a base or component; cycles and ways out of a cloned repository are refused. */
  enter(path: string): Loader {
    if (path === '') throw new BuildError('new root cannot be empty');
    const repository = parseRepository(path);
    if (repository !== undefined) {
      this.#refuseRepositoryCycle(repository);
      return Loader.#openClone(repository, this.#settings, this);
    }
    if (path.startsWith('/')) throw new BuildError(`new root '${path}' cannot be absolute`);
    refuseAmbiguous(path);
    const absolute = joinPath(this.root, path);
    const root = this.#confirmDirectory(absolute);
    this.#refuseEscapeFromRepository(root);
    this.#refuseCycle(root);
    return new Loader({ fs: this.fs, root }, this.#settings, this);
  }

  /** Whether `helmCharts` can be rendered. */
  get hasCharts(): boolean {
    return this.#settings.remotes.hasCharts;
  }

  /** A chart of a repository. */
  fetchChart(source: ChartSource): { fs: ReadableFileSystem; path: string } {
    return this.#settings.remotes.chart(source);
  }

  renderChart(request: ChartRequest): string {
    return this.#settings.remotes.manifests(request);
  }

  #absolute(path: string): string {
    return path.startsWith('/') ? normalisePath(path) : joinPath(this.root, path);
  }

  #read<T>(path: string, read: (file: string) => T): T {
    const absolute = this.#absolute(path);
    if (this.#settings.rootOnly || this.#containingRepository() !== undefined) return this.#readInside(absolute, read);
    try {
      return read(absolute);
    } catch (error) {
      throw this.#readError(error, absolute);
    }
  }

  #readInside<T>(path: string, read: (file: string) => T): T {
    const real = this.#realPath(path);
    try {
      if (this.#isInside(splitFile(real).directory)) return read(real);
    } catch (error) {
      if (codeOf(error) !== 'EISDIR' && !isAbsent(error)) throw error;
    }
    // what is wrong is looked at only now: it costs more than reading the file
    if (this.#locate(path).file === '') throw new BuildError(`'${path}' must resolve to a file`);
    throw new BuildError(`security; file '${path}' is not in or below '${this.root}'`);
  }

  #readError(error: unknown, path: string): unknown {
    if (codeOf(error) === 'EISDIR') return new BuildError(this.directoryMessage(path), { cause: error });
    if (!isAbsent(error)) return error;
    const text = this.#settings.diskMessages ? `open ${path}: no such file or directory` : `'${path}' doesn't exist`;
    return new BuildError(text, { cause: error });
  }

  #isInside(directory: string): boolean {
    return hasPathPrefix(directory, this.root);
  }

  #realPath(path: string): string {
    try {
      return this.fs.realPath(path);
    } catch (error) {
      throw this.#locateError(error, path);
    }
  }

  #locate(path: string): Located {
    const real = this.#realPath(path);
    if (this.fs.isFile(real)) return splitFile(real);
    if (this.fs.isDirectory(real)) return { directory: real, file: '' };
    throw new BuildError(this.#absentMessage(path));
  }

  #locateError(error: unknown, path: string): unknown {
    if (isAbsent(error)) return new BuildError(this.#absentMessage(path), { cause: error });
    const isEscape = codeOf(error) === 'ESCAPE' && error instanceof Error;
    if (!isEscape) return error;
    const reason = error.message.slice(error.message.indexOf(': ') + 2);
    return new BuildError(`fs-security-constraint abs ${path}: ${reason}`, { cause: error });
  }

  #absentMessage(path: string): string {
    if (!this.#settings.diskMessages) return `'${path}' doesn't exist`;
    return `evalsymlink failure on '${path}' : lstat ${this.#firstAbsent(path)}: no such file or directory`;
  }

  /** The first part of the path that does not exist, which is where the operating system stops. */
  #firstAbsent(path: string): string {
    const parts = path.split('/');
    for (let length = 2; length < parts.length; length++) {
      const prefix = parts.slice(0, length).join('/');
      if (prefix.length > this.root.length && !this.fs.isDirectory(prefix)) return prefix;
    }
    return path;
  }

  #confirmDirectory(path: string): string {
    if (path === '') throw new BuildError('must build at directory: directory path cannot be empty');
    let located: Located;
    try {
      located = this.#locate(path);
    } catch (error) {
      if (error instanceof RemotePending) throw error;
      throw new BuildError(`must build at directory: not a valid directory: ${messageOf(error)}`, { cause: error });
    }
    if (located.file !== '') throw new BuildError(`must build at directory: '${path}': file is not directory`);
    return located.directory;
  }

  #refuseCycle(candidate: string): void {
    for (let loader: Loader | undefined = this; loader !== undefined; loader = loader.#parent) {
      if (loader.fs === this.fs && hasPathPrefix(loader.root, candidate)) {
        throw new BuildError(`cycle detected: candidate root '${candidate}' contains visited root '${loader.root}'`);
      }
    }
  }

  #refuseRepositoryCycle(repository: RepositorySpec): void {
    for (let loader: Loader | undefined = this; loader !== undefined; loader = loader.#parent) {
      const visited = loader.#repository?.spec.raw;
      if (visited?.startsWith(repository.raw)) {
        throw new BuildError(`cycle detected: URI '${repository.raw}' referenced by previous URI '${visited}'`);
      }
    }
  }

  #containingRepository(): Repository | undefined {
    for (let loader: Loader | undefined = this; loader !== undefined; loader = loader.#parent) {
      if (loader.#repository !== undefined) return loader.#repository;
    }
    return undefined;
  }

  #refuseEscapeFromRepository(base: string): void {
    const repository = this.#containingRepository();
    if (repository === undefined || hasPathPrefix(base, repository.root)) return;
    throw new BuildError(
      'security; bases in kustomizations found in cloned git repos must be within the repo, ' +
        `but base '${base}' is outside '${repository.root}'`,
    );
  }

  static #openClone(spec: RepositorySpec, settings: LoaderSettings, parent: Loader | undefined): Loader {
    const clone = settings.remotes.clone(spec);
    const path = joinPath(clone.root, spec.path);
    if (clone.fs.isFile(path)) throw new BuildError(`'${path}' refers to file '${spec.path}'; expecting directory`);
    if (!clone.fs.isDirectory(path)) throw new BuildError(`'${path}' doesn't exist`);
    const root = clone.fs.realPath(path);
    if (!hasPathPrefix(root, clone.root)) {
      throw new BuildError(`"${path}" refers to directory outside of repo "${clone.root}"`);
    }
    // Clones may never read outside their root, whatever the restriction of the caller.
    const confined = { ...settings, rootOnly: true, diskMessages: false };
    return new Loader({ fs: clone.fs, root, repository: { spec, root: clone.root } }, confined, parent);
  }
}

/** Two list entries that wrong indentation joined, as in `../base - ../other`. */
function refuseAmbiguous(path: string): void {
  if (!path.split('/').some((part) => part !== '..' && part.includes('..'))) return;
  throw new BuildError(
    `path ${quote(path)} is ambiguous: resolves to ${quote(normalisePath(path))} after normalization, which is likely ` +
      'not the intended target; check for YAML indentation errors in your kustomization file',
  );
}

function splitFile(path: string): Located {
  const slash = path.lastIndexOf('/');
  return { directory: path.slice(0, slash) || '/', file: path.slice(slash + 1) };
}

export function isRemoteFile(path: string): boolean {
  return /^https?:/i.test(path);
}

function hasPathPrefix(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
