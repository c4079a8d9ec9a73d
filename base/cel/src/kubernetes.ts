import { compareQuantity, formatQuantity, parseQuantity, type Quantity } from '@flux/gotypes';
import type { Environment } from '@marcbachmann/cel-js';
import { succeeds } from './attempt.ts';
import { CelError } from './cel-error.ts';

/** An amount as Kubernetes' CEL knows it. */
class CelQuantity {
  readonly value: Quantity;

  constructor(value: Quantity) {
    this.value = value;
  }
}

/** An absolute URL or a path, in the parts that Kubernetes' CEL hands out. */
class CelUrl {
  readonly scheme: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;

  constructor(parts: readonly (string | undefined)[]) {
    [, this.scheme = '', this.hostname = '', this.port = '', this.path = '', this.query = ''] = parts;
  }
}

/** Go's `url.ParseRequestURI`: a scheme with what follows, or a path; not the WHATWG rules, which drop default ports. */
const absoluteUrl =
  /^([a-z][a-z0-9+.-]*):\/\/(?:[^@/?#\s]*@)?(\[[0-9a-f:.%]*\]|[^:/?#\s[\]]*)(?::(\d*))?((?:\/[^?\s]*)?)(?:\?(\S*))?$/i;
const absolutePath = /^()()()(\/[^?\s]*)(?:\?(\S*))?$/;

const billion = 1_000_000_000n;

/** Kubernetes' own types: `quantity()` and `url()` with their functions. */
export function registerKubernetesTypes(environment: Environment): void {
  registerQuantity(environment);
  registerUrl(environment);
}

function registerQuantity(environment: Environment): void {
  environment.registerType('Quantity', CelQuantity);
  environment.registerFunction('quantity(string): Quantity', (text: string) => new CelQuantity(parseQuantity(text)));
  environment.registerFunction('isQuantity(string): bool', (text: string) => succeeds(() => parseQuantity(text)));
  const compare = (a: CelQuantity, b: CelQuantity) => compareQuantity(a.value, b.value);
  environment.registerOperator('Quantity == Quantity', (a: CelQuantity, b: CelQuantity) => compare(a, b) === 0);
  environment.registerFunction('Quantity.compareTo(Quantity): int', (a, b) => BigInt(compare(a, b)));
  environment.registerFunction('Quantity.isGreaterThan(Quantity): bool', (a, b) => compare(a, b) > 0);
  environment.registerFunction('Quantity.isLessThan(Quantity): bool', (a, b) => compare(a, b) < 0);
  environment.registerFunction('sign(Quantity): int', ({ value }: CelQuantity) => BigInt(signOf(value.nanos)));
  environment.registerFunction('Quantity.isInteger(): bool', ({ value }: CelQuantity) => value.nanos % billion === 0n);
  environment.registerFunction('Quantity.asInteger(): int', ({ value }: CelQuantity) => {
    if (value.nanos % billion === 0n) return value.nanos / billion;
    throw new CelError('cannot convert value to integer');
  });
  environment.registerFunction(
    'Quantity.asApproximateFloat(): double',
    ({ value }: CelQuantity) => Number(value.nanos) / 1e9,
  );
  for (const [name, sign] of [['add', 1n] as const, ['sub', -1n] as const]) {
    environment.registerFunction(`Quantity.${name}(Quantity): Quantity`, (a: CelQuantity, b: CelQuantity) =>
      plus(a, sign * b.value.nanos),
    );
    environment.registerFunction(`Quantity.${name}(int): Quantity`, (a: CelQuantity, b: bigint) =>
      plus(a, sign * b * billion),
    );
  }
  environment.registerFunction('string(Quantity): string', ({ value }: CelQuantity) => formatQuantity(value));
}

function plus({ value }: CelQuantity, nanos: bigint): CelQuantity {
  return new CelQuantity({ nanos: value.nanos + nanos, format: value.format });
}

function signOf(value: bigint): number {
  return value > 0n ? 1 : value < 0n ? -1 : 0;
}

function registerUrl(environment: Environment): void {
  environment.registerType('URL', CelUrl);
  environment.registerFunction('url(string): URL', parseUrl);
  environment.registerFunction('isURL(string): bool', (text: string) => succeeds(() => parseUrl(text)));
  environment.registerFunction('URL.getScheme(): string', ({ scheme }: CelUrl) => scheme.toLowerCase());
  environment.registerFunction('URL.getHost(): string', ({ hostname, port }: CelUrl) =>
    port === '' ? hostname : `${hostname}:${port}`,
  );
  environment.registerFunction('URL.getHostname(): string', ({ hostname }: CelUrl) => hostname.replace(/^\[|\]$/g, ''));
  environment.registerFunction('URL.getPort(): string', ({ port }: CelUrl) => port);
  environment.registerFunction('URL.getEscapedPath(): string', ({ path }: CelUrl) => path.replace(/#.*$/s, ''));
  environment.registerFunction('URL.getQuery(): map', ({ query }: CelUrl) => {
    const values = new Map<string, string[]>();
    for (const [key, value] of new URLSearchParams(query.replace(/#.*$/s, ''))) {
      values.set(key, [...(values.get(key) ?? []), value]);
    }
    return values;
  });
}

function parseUrl(text: string): CelUrl {
  const parts = absolutePath.exec(text) ?? absoluteUrl.exec(text);
  if (parts !== null) return new CelUrl(parts);
  throw new CelError(
    `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
  );
}

/** Go's `url.ParseRequestURI` takes it. */
export function isRequestUri(text: string): boolean {
  return succeeds(() => parseUrl(text));
}
