/**
 * Members that a JSON text names twice, by the object that holds them. JSON.parse keeps the last one silently, so a cheap
 * count of members decides whether the slow walk over the text is needed at all.
 */
export function findDuplicates(text: string, value: unknown): Map<object, Set<string>> | undefined {
  if (countMembers(value) === countNames(text)) return undefined;
  const found = new Map<object, Set<string>>();
  new Walker(text, found).walk(value);
  return found.size > 0 ? found : undefined;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const item of Object.values(value)) count += countMembers(item);
  return count;
}

const quoteCode = 34;
const backslashCode = 92;

/** Strings followed by a colon, in a text that is known to be valid JSON. */
function countNames(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at)) {
    at = endOfString(text, at);
    while (/\s/.test(text[at] ?? '')) at++;
    if (text[at] === ':') count++;
  }
  return count;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== quoteCode) at += text.charCodeAt(at) === backslashCode ? 2 : 1;
  return at + 1;
}

/** Follows the text along the parsed value; of a duplicate member only the last occurrence has its value in the tree. */
class Walker {
  readonly #text: string;
  readonly #found: Map<object, Set<string>>;
  #at = 0;

  constructor(text: string, found: Map<object, Set<string>>) {
    this.#text = text;
    this.#found = found;
  }

  walk(value: unknown): void {
    this.#space();
    const character = this.#text[this.#at];
    if (character === '{') this.#object(value);
    else if (character === '[') this.#list(value);
    else if (character === '"') this.#at = endOfString(this.#text, this.#at);
    else while (this.#at < this.#text.length && !/[,\]}\s]/.test(this.#text[this.#at]!)) this.#at++;
    this.#space();
  }

  #object(value: unknown): void {
    const holder = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
    const seen = new Set<string>();
    this.#at++;
    this.#space();
    while (this.#text[this.#at] !== '}') {
      const start = this.#at;
      this.#at = endOfString(this.#text, start);
      const name = JSON.parse(this.#text.slice(start, this.#at)) as string;
      if (seen.has(name)) this.#report(holder, name);
      seen.add(name);
      this.#space();
      this.#at++;
      this.walk((holder as Record<string, unknown>)[name]);
      if (this.#text[this.#at] === ',') this.#at++;
      this.#space();
    }
    this.#at++;
  }

  #list(value: unknown): void {
    const items = Array.isArray(value) ? value : [];
    this.#at++;
    this.#space();
    for (let index = 0; this.#text[this.#at] !== ']'; index++) {
      this.walk(items[index]);
      if (this.#text[this.#at] === ',') this.#at++;
      this.#space();
    }
    this.#at++;
  }

  #report(holder: object, name: string): void {
    const names = this.#found.get(holder);
    if (names) names.add(name);
    else this.#found.set(holder, new Set([name]));
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
  }
}
