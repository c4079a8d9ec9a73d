import { Composer } from './compose.ts';
import { Cursor, type YamlMode } from './cursor.ts';
import type { ComposeOptions } from './node-reader.ts';
import { maxDepth } from './tokens.ts';
import { YamlError } from './yaml-error.ts';

export interface ParseYamlOptions {
  /** `sigs` (default) reads as sigs.k8s.io/yaml does, `v3` as kustomize does. */
  mode?: YamlMode;
  /** Named in errors. */
  file?: string;
  /** Whether a repeated key is an error; in mode `v3` it always is. */
  strict?: boolean;
  /** How many aliases a document may hold; besides, go-yaml's share of aliased nodes applies. */
  maxAliases?: number;
  maxBytes?: number;
}

const unreadable = /[^\t\n\r\x20-\x7e\x85\xa0-\ufffd]/;

/** Reads the first document of a text as JSON values; integers beyond 2^53 become bigint. Empty text is null. */
export function parseYaml(text: string, options: ParseYamlOptions = {}): unknown {
  return guardDepth(options.file, () => {
    const cursor = openText(text, options);
    return new Composer(cursor, composeOptions(options)).nextDocument(true)?.value ?? null;
  });
}

/** Reads every document of a stream; those that are empty are left out. Lines in errors count from the stream's start. */
export function parseYamlDocuments(text: string, options: ParseYamlOptions = {}): unknown[] {
  return guardDepth(options.file, () => {
    const composer = new Composer(openText(text, options), composeOptions(options));
    const documents: unknown[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const document = composer.nextDocument(isFirst);
      if (document === undefined) return documents;
      if (document.value !== null) documents.push(document.value);
    }
  });
}

function openText(text: string, options: ParseYamlOptions): Cursor {
  if (options.maxBytes !== undefined && text.length > options.maxBytes) {
    throw new YamlError(`yaml: document is larger than ${options.maxBytes} bytes`, { file: options.file });
  }
  if (unreadable.test(text)) throw new YamlError('yaml: control characters are not allowed', { file: options.file });
  return new Cursor(text, options.mode ?? 'sigs', options.file);
}

function composeOptions(options: ParseYamlOptions): ComposeOptions {
  return { isStrict: options.strict ?? false, maxAliases: options.maxAliases ?? Number.POSITIVE_INFINITY };
}

/** Aliases inside aliases can nest deeper than the text does; that must not end as a stack overflow. */
function guardDepth<T>(file: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new YamlError(`yaml: exceeded max depth of ${maxDepth}`, { file });
    throw error;
  }
}
