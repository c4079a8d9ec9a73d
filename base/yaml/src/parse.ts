import { Composer } from './compose.ts';
import { Cursor, type YamlMode } from './cursor.ts';
import type { ComposeOptions } from './node-reader.ts';
import { SimpleReader } from './simple-reader.ts';
import { notSimple } from './simple-text.ts';
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
  /** What integers beyond 2^53 become: bigints (the default), or floats as Go's JSON makes them. */
  largeIntegers?: 'bigint' | 'float';
  /** `text`: floats without a fraction, as `1e7`, are the text that sigs.k8s.io/yaml makes of them where text is wanted. */
  integralFloats?: 'number' | 'text';
  /** Large values of the document are read when they are asked for; errors in them are found at once all the same. */
  isLazy?: boolean;
}

/** Hardly any text holds such a character, so that one look finds neither of those below. */
const special = /[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\ufffd]/;
const unreadable = /[^\t\n\r\x20-\x7e\x85\xa0-\ufffd]/;
/** Line breaks that only the complete reader knows. */
const unusual = /[\x85\u2028\u2029\ufeff]|\r(?!\n)/;

/** Reads the first document of a text as JSON values; integers beyond 2^53 become bigint. Empty text is null. */
export function parseYaml(text: string, options: ParseYamlOptions = {}): unknown {
  return guardDepth(options.file, () => {
    const stream = new DocumentStream(text, options);
    const value = stream.next()?.value ?? null;
    return options.largeIntegers === 'float' && stream.mayHoldBigInteger ? toFloats(value) : value;
  });
}

function toFloats(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'bigint' && typeof item !== 'object') continue;
    Object.defineProperty(value, key, { value: toFloats(item) });
  }
  return value;
}

/** Reads every document of a stream; those that are empty are left out. Lines in errors count from the stream's start. */
export function parseYamlDocuments(text: string, options: ParseYamlOptions = {}): unknown[] {
  return guardDepth(options.file, () => {
    const stream = new DocumentStream(text, options);
    const documents: unknown[] = [];
    for (let document = stream.next(); document !== undefined; document = stream.next()) {
      if (document.value !== null) documents.push(document.value);
    }
    return documents;
  });
}

/** Takes documents off a text, each with the simple reader if it can, else with the complete one. */
class DocumentStream {
  readonly #cursor: Cursor;
  readonly #options: ComposeOptions;
  readonly #simple: SimpleReader | undefined;
  /** Where the next document starts, at the start of a line. */
  #start = 0;
  #isFirst = true;
  /** Set while the complete reader has read on and no `---` has handed over to the simple one. */
  #composer: Composer | undefined;

  constructor(text: string, options: ParseYamlOptions) {
    const isSpecial = special.test(text);
    this.#cursor = openText(text, options, isSpecial);
    this.#options = composeOptions(options);
    const isUnique = this.#options.isStrict || this.#cursor.mode === 'v3';
    const isUnusual = isSpecial && unusual.test(text);
    const hasReturns = isSpecial && text.includes('\r');
    const readLater = options.isLazy ? (part: string) => parseYaml(part, options) : undefined;
    this.#simple =
      isUnusual || this.#options.integralFloatsAsText
        ? undefined
        : new SimpleReader(this.#cursor, { isUnique, hasReturns, readLater });
  }

  /** The complete reader does not say. */
  get mayHoldBigInteger(): boolean {
    return this.#cursor.hasBigInteger || this.#composer !== undefined;
  }

  next(): { value: unknown } | undefined {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    this.#handOver();
    if (this.#composer === undefined && this.#simple !== undefined) {
      try {
        const document = this.#simple.readDocument(this.#start, isFirst);
        this.#start = this.#simple.end;
        return document;
      } catch (error) {
        // Whatever went wrong, the complete reader finds it again and words it.
        if (error !== notSimple && !(error instanceof YamlError)) throw error;
      }
    }
    if (this.#composer === undefined) {
      this.#cursor.moveToLine(this.#start);
      this.#composer = new Composer(this.#cursor, this.#options);
    }
    return this.#composer.nextDocument(isFirst);
  }

  /** Gives the next document to the simple reader again, if it starts with a `---`. */
  #handOver(): void {
    const start = this.#simple === undefined ? undefined : this.#composer?.nextDocumentStart();
    if (start === undefined) return;
    this.#start = start.position;
    this.#composer = undefined;
  }
}

function openText(text: string, options: ParseYamlOptions, isSpecial: boolean): Cursor {
  if (options.maxBytes !== undefined && text.length > options.maxBytes) {
    throw new YamlError(`yaml: document is larger than ${options.maxBytes} bytes`, { file: options.file });
  }
  if (isSpecial && unreadable.test(text))
    throw new YamlError('yaml: control characters are not allowed', { file: options.file });
  return new Cursor(text, options.mode ?? 'sigs', options.file);
}

function composeOptions(options: ParseYamlOptions): ComposeOptions {
  return {
    isStrict: options.strict ?? false,
    maxAliases: options.maxAliases ?? Number.POSITIVE_INFINITY,
    integralFloatsAsText: options.integralFloats === 'text',
  };
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
