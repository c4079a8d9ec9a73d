import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Export {
  readonly file: string;
  readonly name: string;
}

/**
 * Prepares our own sources for the bundler: an import from a package becomes imports from the files that define the
 * names. A package's index names everything in it, and esbuild would load all of that with whatever names one thing.
 */
export class OwnSource {
  readonly #root: string;
  readonly #exports = new Map<string, ReadonlyMap<string, Export>>();
  readonly #indexes = new Map<string, string>();
  /** Files that pass names on; what the bundle is made of depends on them too. */
  readonly reexporters = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** The text of a source file as the bundler shall see it. */
  read(file: string): string {
    const text = readFileSync(file, 'utf8');
    const direct = text.replace(/^import \{([^}]*)\} from '(@flux\/[a-z0-9-]+)';/gm, (statement, names, name) =>
      this.#direct(names, this.#indexOf(name), statement),
    );
    return locateMeta(direct, file);
  }

  /** Names that the index does not give away stay with it, which is right though slower. */
  #direct(names: string, index: string, statement: string): string {
    const exported = this.#exportsOf(index);
    const statements: string[] = [];
    for (const { name, as } of parseNames(names)) {
      const found = exported.get(name);
      if (found === undefined) return statement;
      statements.push(`import { ${found.name} as ${as} } from ${JSON.stringify(found.file)};`);
    }
    return statements.join('');
  }

  #indexOf(name: string): string {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const index = join(realpathSync(join(this.#root, 'node_modules', name)), 'src', 'index.ts');
    this.#indexes.set(name, index);
    return index;
  }

  #exportsOf(file: string): ReadonlyMap<string, Export> {
    const known = this.#exports.get(file);
    if (known !== undefined) return known;
    const found = new Map<string, Export>();
    this.#exports.set(file, found);
    const text = readFileSync(file, 'utf8');
    if (/^export (\*|\{[^}]*\}) from '/m.test(text)) this.reexporters.add(file);
    for (const [, names = '', from = ''] of text.matchAll(/^export \{([^}]*)\} from '(\.[^']+)';/gm)) {
      const target = resolve(dirname(file), from);
      const deeper = this.#exportsOf(target);
      for (const { name, as } of parseNames(names)) found.set(as, deeper.get(name) ?? { file: target, name });
    }
    for (const [, from = ''] of text.matchAll(/^export \* from '(\.[^']+)';/gm)) {
      for (const [name, target] of this.#exportsOf(resolve(dirname(file), from))) found.set(name, target);
    }
    return found;
  }
}

/** `a, b as c, type D` without the types. */
function parseNames(text: string): { name: string; as: string }[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => {
      const [name = '', as = name] = part.split(' as ');
      return { name, as };
    });
}

/** Files that lie beside a source are found from the bundle too, and packages that it requires late. */
function locateMeta(text: string, file: string): string {
  if (!text.includes('import.meta.')) return text;
  return text
    .replaceAll('createRequire(import.meta.url)', '__requireLate')
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href))
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(file)))
    .replaceAll('import.meta.filename', JSON.stringify(file));
}
