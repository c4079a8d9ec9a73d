import { lowerLetter, lowerText, upperLetter } from './letter-case.ts';

type WordKind = 'none' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punctuation' | 'other';

interface Word {
  kind: WordKind;
  text: string;
}

type Patterns = readonly (readonly [WordKind, RegExp])[];

/** Made when first used: reading the classes of Unicode takes longer than most templates. */
let patterns: Patterns | undefined;

function makePatterns(): Patterns {
  return [
    ['connector', /[-_\s]+/y],
    ['punctuation', /\p{P}+/uy],
    ['upper', /\p{Lu}+(?=\p{Lu}(?:\p{Ll}|\p{Lo}|\p{Lt}|\p{Lm}))|\p{Lu}{2,}|\p{Lu}(?:(?!\p{Lu})\p{L})*/uy],
    ['alphabet', /(?:(?!\p{Lu})\p{L})+/uy],
    ['number', /\p{N}+/uy],
    ['other', /[^-_\s\p{L}\p{N}\p{P}]+/uy],
  ];
}

function isBreak(kind: WordKind): boolean {
  return kind === 'none' || kind === 'connector' || kind === 'punctuation';
}

/** A reader of words as xstrings splits names: runs of capitals, words, numbers, connectors and punctuation. */
class Words {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get done(): boolean {
    return this.#position >= this.#text.length;
  }

  next(): Word {
    if (this.done) return { kind: 'none', text: '' };
    patterns ??= makePatterns();
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = this.#position;
      const text = pattern.exec(this.#text)?.[0];
      if (text === undefined || text === '') continue;
      this.#position += text.length;
      return { kind, text };
    }
    return { kind: 'other', text: this.#text[this.#position++] ?? '' };
  }
}

/** xstrings' ToSnakeCase and ToKebabCase, with their odd ideas of numbers. */
export function joinWords(text: string, connector: string): string {
  const words = new Words(text);
  let out = '';
  const write = ({ kind, text: word }: Word) => {
    if (kind === 'connector') out += connector.repeat([...word].length);
    else out += kind === 'upper' ? lowerText(word) : word;
  };
  const writeRun = (first: Word): Word => {
    let word = first;
    for (; word.kind === 'alphabet' || word.kind === 'number'; word = words.next()) write(word);
    return word;
  };
  let current = words.next();
  while (!words.done) {
    const previous = current;
    if (previous.kind !== 'connector') write(previous);
    current = words.next();
    if (previous.kind === 'number') {
      current = writeRun(current);
      if (!isBreak(current.kind)) out += connector;
    } else if (previous.kind === 'connector') write(previous);
    else if (previous.kind !== 'punctuation') current = afterLetters(current);
  }
  write(current);
  return out;

  function afterLetters(word: Word): Word {
    if (word.kind !== 'number') {
      if (word.kind !== 'connector' && word.kind !== 'punctuation') out += connector;
      return word;
    }
    if (words.done) return word;
    const next = words.next();
    if (next.kind !== 'alphabet') {
      write(word);
      if (next.kind !== 'connector' && next.kind !== 'punctuation') out += connector;
      return next;
    }
    out += connector;
    write(word);
    const rest = writeRun(next);
    if (!isBreak(rest.kind)) out += connector;
    return rest;
  }
}

/** xstrings' ToPascalCase. */
export function pascalCase(text: string): string {
  const characters = [...text];
  const isConnector = (character: string) => /[-_\s]/.test(character);
  const isUpper = (character: string) => /\p{Lu}/u.test(character);
  const start = characters.findIndex((character) => !isConnector(character));
  if (start < 0) return text;
  let out = characters.slice(0, start).join('');
  let current = characters[start] ?? '';
  let lowers = isUpper(current);
  current = upperLetter(current);
  for (const next of characters.slice(start + 1)) {
    const previous = current;
    current = next;
    if (isConnector(current) && isConnector(previous)) out += previous;
    else if (isConnector(previous)) {
      lowers = isUpper(current);
      current = upperLetter(current);
    } else {
      if (lowers && isUpper(current)) current = lowerLetter(current);
      else lowers = false;
      out += previous;
    }
  }
  return out + current;
}
