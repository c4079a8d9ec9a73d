import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The cases of all `.jsonl` files of a folder, one a line, in the order of file names. */
export async function readCaseLines<T>(folder: string, filter: (file: string) => boolean = () => true): Promise<T[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl') && filter(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as T),
  );
}
