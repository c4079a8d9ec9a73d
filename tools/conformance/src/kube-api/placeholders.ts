/** What stands for a volatile value in a recording: `<uid:3>`, `<time>`, `<rv:7>`… */
const placeholder = /<([a-zA-Z]+)(?::(\d+))?>/g;

const patterns: Record<string, string> = {
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  gen: '[a-z0-9]{5}',
  hash: '[a-z0-9]+',
  rv: '\\d+',
  nodePort: '\\d+',
  jwt: '[\\w-]+\\.[\\w-]+\\.[\\w-]+',
  continue: '[\\w=+/-]+',
  clusterIP: '[\\d.]+',
  podIP: '[\\d.]+',
  ip: '[\\d.]+',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  microtime: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d+Z',
  age: '(?:\\d+[smhdy])+|<unknown>|<invalid>',
  unix: '\\d+',
  moment: '[0-9a-f]{16}',
};

/** Values bound to placeholders while a scenario is replayed. */
export class Bindings {
  readonly #values: Map<string, string>;
  /** resourceVersions of objects by rank: their order is part of the recording. */
  readonly #versions: Map<number, bigint>;

  constructor(from?: Bindings) {
    this.#values = new Map(from ? from.#values : []);
    this.#versions = new Map(from ? from.#versions : []);
  }

  /** Takes over what a successful comparison bound. */
  adopt(other: Bindings): void {
    for (const [key, value] of other.#values) this.#values.set(key, value);
    for (const [key, value] of other.#versions) this.#versions.set(key, value);
  }

  get(id: string): string | undefined {
    return this.#values.get(id);
  }

  /** Puts bound values into a request; a time is any valid time. */
  fill<T>(value: T): T {
    if (typeof value === 'string') return this.#fillText(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.fill(item)) as T;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, item]) => [this.#fillText(key), this.fill(item)]);
    return Object.fromEntries(entries) as T;
  }

  #fillText(text: string): string {
    return text.replace(placeholder, (whole, kind: string, number: string | undefined) => {
      const bound = this.#values.get(`${kind}:${number ?? ''}`);
      if (bound !== undefined) return bound;
      if (kind === 'time') return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      return kind === 'microtime' ? new Date().toISOString().replace('Z', '000Z') : whole;
    });
  }

  /** Does the text fit the recorded one? New placeholders are bound. `loose` leaves resourceVersions unchecked. */
  match(expected: string, actual: string, loose = false): boolean {
    if (!expected.includes('<')) return expected === actual;
    const names: string[] = [];
    let pattern = '';
    let at = 0;
    for (const found of expected.matchAll(placeholder)) {
      const [whole, kind, number] = found as unknown as [string, string, string | undefined];
      pattern += escapeText(expected.slice(at, found.index));
      pattern += `(${patterns[kind] ?? '[\\s\\S]*?'})`;
      names.push(`${kind}:${number ?? ''}`);
      at = found.index + whole.length;
    }
    const match = new RegExp(`^${pattern}${escapeText(expected.slice(at))}$`).exec(actual);
    if (!match) return expected === actual;
    return names.every((name, index) => this.#bind(name, match[index + 1]!, loose));
  }

  #bind(name: string, value: string, loose: boolean): boolean {
    const [kind, number] = name.split(':') as [string, string];
    if (number === '') return true;
    const bound = this.#values.get(name);
    if (kind === 'rv') return this.#bindVersion(Number(number), value, loose);
    if (bound !== undefined) return bound === value;
    this.#values.set(name, value);
    return true;
  }

  #bindVersion(rank: number, value: string, loose: boolean): boolean {
    const name = `rv:${rank}`;
    if (loose) {
      if (!this.#values.has(name)) this.#values.set(name, value);
      return true;
    }
    const version = BigInt(value);
    const bound = this.#versions.get(rank);
    if (bound !== undefined) return bound === version;
    for (const [other, known] of this.#versions) if (other < rank ? known >= version : known <= version) return false;
    this.#versions.set(rank, version);
    this.#values.set(name, value);
    return true;
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
