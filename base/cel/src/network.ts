import { isIP } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';
import { succeeds } from './attempt.ts';
import { CelError } from './cel-error.ts';

/** An address as Kubernetes' CEL knows it. */
class CelAddress {
  readonly value: bigint;
  readonly bits: 32 | 128;

  constructor(value: bigint, bits: 32 | 128) {
    this.value = value;
    this.bits = bits;
  }

  toString(): string {
    if (this.bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (this.value >> shift) & 255n).join('.');
    const groups = this.value.toString(16).padStart(32, '0').match(/.{4}/g)!;
    // URLs write addresses in the canonical form of RFC 5952.
    return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  }
}

/** A network: an address and how many of its first bits count. */
class CelNetwork {
  readonly address: CelAddress;
  readonly length: number;

  constructor(address: CelAddress, length: number) {
    this.address = address;
    this.length = length;
  }

  contains({ value, bits }: CelAddress): boolean {
    const rest = BigInt(bits - this.length);
    return bits === this.address.bits && value >> rest === this.address.value >> rest;
  }

  masked(): CelNetwork {
    const { value, bits } = this.address;
    const rest = BigInt(bits - this.length);
    return new CelNetwork(new CelAddress((value >> rest) << rest, bits), this.length);
  }

  toString(): string {
    return `${this.address}/${this.length}`;
  }
}

class AddressFunctions {}

/** `ip()` and `cidr()` with their functions. */
export function registerNetwork(environment: Environment): void {
  environment.registerType('IP', CelAddress);
  environment.registerType('CIDR', CelNetwork);
  environment.registerType('AddressFunctions', AddressFunctions);
  environment.registerConstant('ip', 'AddressFunctions', new AddressFunctions());
  registerAddresses(environment);
  registerNetworks(environment);
}

function registerAddresses(environment: Environment): void {
  environment.registerFunction('ip(string): IP', parseAddress);
  environment.registerFunction('isIP(string): bool', (text: string) => succeeds(() => parseAddress(text)));
  environment.registerFunction('AddressFunctions.isCanonical(string): bool', (_: unknown, text: string) => {
    return String(parseAddress(text)) === text;
  });
  environment.registerFunction('string(IP): string', String);
  environment.registerOperator('IP == IP', isSameAddress);
  environment.registerFunction('IP.family(): int', ({ bits }: CelAddress) => (bits === 32 ? 4n : 6n));
  for (const [name, test] of Object.entries(kinds)) environment.registerFunction(`IP.${name}(): bool`, test);
}

function registerNetworks(environment: Environment): void {
  environment.registerFunction('cidr(string): CIDR', parseNetwork);
  environment.registerFunction('isCIDR(string): bool', (text: string) => succeeds(() => parseNetwork(text)));
  environment.registerFunction('string(CIDR): string', String);
  environment.registerOperator(
    'CIDR == CIDR',
    (a: CelNetwork, b: CelNetwork) => isSameAddress(a.address, b.address) && a.length === b.length,
  );
  environment.registerFunction('CIDR.ip(): IP', ({ address }: CelNetwork) => address);
  environment.registerFunction('CIDR.prefixLength(): int', ({ length }: CelNetwork) => BigInt(length));
  environment.registerFunction('CIDR.masked(): CIDR', (network: CelNetwork) => network.masked());
  environment.registerFunction('CIDR.containsIP(IP): bool', (a: CelNetwork, b: CelAddress) => a.contains(b));
  environment.registerFunction('CIDR.containsIP(string): bool', (a: CelNetwork, b: string) =>
    a.contains(parseAddress(b)),
  );
  environment.registerFunction('CIDR.containsCIDR(CIDR): bool', covers);
  environment.registerFunction('CIDR.containsCIDR(string): bool', (a: CelNetwork, b: string) =>
    covers(a, parseNetwork(b)),
  );
}

function isSameAddress(a: CelAddress, b: CelAddress): boolean {
  return a.bits === b.bits && a.value === b.value;
}

function covers(a: CelNetwork, b: CelNetwork): boolean {
  return a.length <= b.length && a.contains(b.address);
}

function within(network: string): (address: CelAddress) => boolean {
  let parsed: CelNetwork | undefined;
  return (address) => {
    parsed ??= parseNetwork(network);
    return parsed.contains(address);
  };
}

function either(...tests: ((address: CelAddress) => boolean)[]): (address: CelAddress) => boolean {
  return (address) => tests.some((test) => test(address));
}

const isUnspecified = ({ value }: CelAddress) => value === 0n;
const isLoopback = either(within('127.0.0.0/8'), within('::1/128'));
const isLinkLocalUnicast = either(within('169.254.0.0/16'), within('fe80::/10'));
/** The second group of bits tells who gave the address out, which is no matter. */
const isLinkLocalMulticast = either(within('224.0.0.0/24'), ({ value, bits }) => {
  return bits === 128 && ((value >> 112n) & 0xff0fn) === 0xff02n;
});
const isMulticast = either(within('224.0.0.0/4'), within('ff00::/8'));
const isLocal = either(isUnspecified, isLoopback, isLinkLocalUnicast, isMulticast, within('255.255.255.255/32'));

const kinds = {
  isUnspecified,
  isLoopback,
  isLinkLocalUnicast,
  isLinkLocalMulticast,
  isGlobalUnicast: (address: CelAddress) => !isLocal(address),
};

function parseAddress(text: string): CelAddress {
  const version = isIP(text);
  const quoted = JSON.stringify(text);
  if (version === 0) {
    const why = `ParseAddr(${quoted}): unable to parse IP`;
    throw new CelError(`IP Address ${quoted} parse error during conversion from string: ${why}`);
  }
  if (text.includes('%')) throw new CelError(`IP address ${quoted} with zone value is not allowed`);
  const address = version === 4 ? new CelAddress(valueOfV4(text), 32) : new CelAddress(valueOfV6(text), 128);
  if (version === 6 && address.value >> 32n === 0xffffn) {
    throw new CelError(`IPv4-mapped IPv6 address ${quoted} is not allowed`);
  }
  return address;
}

function valueOfV4(text: string): bigint {
  return text.split('.').reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function valueOfV6(text: string): bigint {
  const tail = /[\d.]+$/.exec(text)?.[0] ?? '';
  const embedded = tail.includes('.') ? valueOfV4(tail).toString(16).padStart(8, '0') : undefined;
  const plain = embedded ? `${text.slice(0, -tail.length)}${embedded.slice(0, 4)}:${embedded.slice(4)}` : text;
  const [head = '', rest] = plain.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(rest ?? '')];
  const middle = rest === undefined ? [] : Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...middle, ...last].reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

function parseNetwork(text: string): CelNetwork {
  const [, address = '', length = ''] = /^(.*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const version = isIP(address);
  const isValid = version !== 0 && !address.includes('%') && Number(length) <= (version === 4 ? 32 : 128);
  const problem = 'network address parse error during conversion from string';
  if (!isValid) throw new CelError(`${problem}: netip.ParsePrefix(${JSON.stringify(text)}): invalid prefix`);
  return new CelNetwork(parseAddress(address), Number(length));
}
