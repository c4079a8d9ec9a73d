/** Values that placeholders stand for, one to one; shared by all records of a scenario. */
export class Bindings {
  readonly #values = new Map<string, string>();
  readonly #owners = new Map<string, string>();

  constructor(known: Readonly<Record<string, string>> = {}) {
    for (const [placeholder, value] of Object.entries(known)) this.bind(placeholder, value);
  }

  /** False when the placeholder stands for another value, or another placeholder for this value. */
  bind(placeholder: string, value: string): boolean {
    const bound = this.#values.get(placeholder);
    if (bound !== undefined) return bound === value;
    const kind = placeholder.replace(/:.*/, '');
    if (this.#owners.has(`${kind} ${value}`)) return false;
    this.#values.set(placeholder, value);
    this.#owners.set(`${kind} ${value}`, placeholder);
    return true;
  }

  valueOf(placeholder: string): string | undefined {
    return this.#values.get(placeholder);
  }

  /** For a comparison that may turn out wrong. */
  copy(): Bindings {
    const copy = new Bindings();
    for (const [key, value] of this.#values) copy.#values.set(key, value);
    for (const [key, value] of this.#owners) copy.#owners.set(key, value);
    return copy;
  }

  takeOver(other: Bindings): void {
    for (const [key, value] of other.#values) this.#values.set(key, value);
    for (const [key, value] of other.#owners) this.#owners.set(key, value);
  }
}

const patterns: Readonly<Record<string, string>> = {
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z',
  duration: '[-0-9.]+(?:ns|µs|us|ms|s|m|h)(?:[0-9.]+(?:ns|µs|us|ms|s|m|h))*',
  rv: '\\d+',
  size: '\\d+',
  port: '\\d+',
  tmp: '[^/\\s:\'"]+',
  host: '[^/\\s:\'"]+',
  sha: '[0-9a-f]{40}',
  digest: '[0-9a-f]{64}',
  uid: '[0-9a-f]{8}-[0-9a-f-]{27}',
  ip: '[0-9a-f.:]+',
};

const placeholder = /<([a-z]+)(?::(\d+))?(?:\/(\d+))?>/g;

/** Whether the text is what was recorded, by the rules of cases/scenarios/README.md. Binds placeholders that are new. */
function matchText(expected: string, actual: string, bindings: Bindings): boolean {
  if (!expected.includes('<')) return expected === actual;
  const names: { name: string; length: number | undefined }[] = [];
  let pattern = '';
  let end = 0;
  for (const match of expected.matchAll(placeholder)) {
    const [whole, kind = '', number, length] = match;
    const value = patterns[kind];
    if (value === undefined) continue;
    pattern += escapeRegExp(expected.slice(end, match.index));
    end = match.index + whole.length;
    if (number === undefined) {
      pattern += `(?:${value})`;
      continue;
    }
    pattern += `(${length === undefined ? value : `[0-9a-f]{${length}}`})`;
    names.push({ name: `<${kind}:${number}>`, length: length === undefined ? undefined : Number(length) });
  }
  const found = new RegExp(`^${pattern}${escapeRegExp(expected.slice(end))}$`, 's').exec(actual);
  if (!found) return false;
  return names.every(({ name, length }, index) => isBound(bindings, name, found[index + 1] ?? '', length));
}

function isBound(bindings: Bindings, name: string, value: string, length: number | undefined): boolean {
  if (length === undefined) return bindings.bind(name, value);
  const whole = bindings.valueOf(name);
  return whole === undefined || whole.startsWith(value);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The first difference, as `path: expected …, got …`; undefined when there is none. */
export function findDifference(expected: unknown, actual: unknown, bindings: Bindings, path = ''): string | undefined {
  if (typeof expected === 'string') {
    const text = typeof actual === 'number' && /^<[a-z]+>$/.test(expected) ? String(actual) : actual;
    if (typeof text === 'string' && matchText(expected, text, bindings)) return undefined;
    return difference(path, expected, actual);
  }
  if (typeof expected !== 'object' || expected === null) {
    return expected === actual ? undefined : difference(path, expected, actual);
  }
  if (Array.isArray(expected)) return listDifference(expected, actual, bindings, path);
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return difference(path, expected, actual);
  return mapDifference(expected as Record<string, unknown>, actual as Record<string, unknown>, bindings, path);
}

function listDifference(expected: unknown[], actual: unknown, bindings: Bindings, path: string): string | undefined {
  if (!Array.isArray(actual) || actual.length !== expected.length) return difference(path, expected, actual);
  for (const [index, item] of expected.entries()) {
    const found = findDifference(item, actual[index], bindings, `${path}[${index}]`);
    if (found) return found;
  }
  return undefined;
}

function mapDifference(
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  bindings: Bindings,
  path: string,
): string | undefined {
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const at = `${path}.${key}`;
    if (!Object.hasOwn(actual, key)) return difference(at, expected[key], undefined);
    if (!Object.hasOwn(expected, key)) return difference(at, undefined, actual[key]);
    const found = findDifference(expected[key], actual[key], bindings, at);
    if (found) return found;
  }
  return undefined;
}

function difference(path: string, expected: unknown, actual: unknown): string {
  return `${path || '(whole)'}: expected ${show(expected)}, got ${show(actual)}`;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
