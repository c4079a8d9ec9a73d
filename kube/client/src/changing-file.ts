import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '@flux/errors';
import { KubeconfigError } from './kubeconfig.ts';

/** Text that may become another while the process runs. */
export interface TextSource {
  get(): Promise<string>;
  /** Looks again at once. True when the text is another one now. */
  refresh(): Promise<boolean>;
}

/** How often a file is asked whether it was replaced; an answer costs one `stat`. */
const recheckMs = 1000;

/** A token, key or certificate in a file that is rotated: read again when the file was replaced. */
export class ChangingFile implements TextSource {
  readonly #path: string;
  readonly #field: string;
  readonly #now: () => number;
  #text: string | undefined;
  #version = '';
  #checkedAt = Number.NEGATIVE_INFINITY;

  /** The field of the kubeconfig is named when the file cannot be read. */
  constructor(path: string, field: string, now: () => number = () => performance.now()) {
    this.#path = resolve(path);
    this.#field = field;
    this.#now = now;
  }

  async get(): Promise<string> {
    if (this.#text === undefined || this.#now() - this.#checkedAt >= recheckMs) await this.#check();
    return this.#text ?? '';
  }

  async refresh(): Promise<boolean> {
    const previous = this.#text;
    this.#version = '';
    await this.#check();
    return this.#text !== previous;
  }

  /** While a file is being replaced the last good text is kept. */
  async #check(): Promise<void> {
    this.#checkedAt = this.#now();
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(this.#path);
      const version = [ino, size, mtimeMs, ctimeMs].join();
      if (this.#text !== undefined && version === this.#version) return;
      const text = await readFile(this.#path, 'utf8');
      if (text.trim() === '') throw new Error('it is empty');
      this.#text = text;
      this.#version = version;
    } catch (cause) {
      if (this.#text !== undefined) return;
      const message = `unable to read ${this.#field} ${this.#path}: ${messageOf(cause)}`;
      throw new KubeconfigError(message, { cause });
    }
  }
}

/** The text as it is now. */
export function currentText(text: string | TextSource): string | Promise<string> {
  return typeof text === 'string' ? text : text.get();
}
