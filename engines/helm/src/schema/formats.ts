import { isIP } from 'node:net';
import { messageOf } from '@flux/errors';
import { quote } from '@flux/gotemplate';
import { compileRegexp } from '@flux/regexp';
import { parseUrl, type UrlParts } from '@flux/sprig';
import { type CheckFormat, problemOf } from './check-format.ts';
import { checkDate, checkDateTime, checkDuration, checkPeriod, checkTime } from './time-formats.ts';

const checkPointer: CheckFormat = (text) => {
  if (text === '') return undefined;
  if (!text.startsWith('/')) return 'not starting with /';
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined;
};

const checkRelativePointer: CheckFormat = (text) => {
  const digits = /^\d*/.exec(text)?.[0] ?? '';
  if (digits === '') return 'must start with non-negative integer';
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero';
  const rest = text.slice(digits.length);
  return rest === '#' ? undefined : checkPointer(rest);
};

const checkUuid: CheckFormat = (text) => {
  const lengths = [8, 4, 4, 4, 12];
  const groups = text.split('-');
  if (groups.length !== lengths.length) return `must have ${lengths.length} elements`;
  for (const [index, group] of groups.entries()) {
    if (group.length !== lengths[index]) return `element ${index + 1} must be ${lengths[index]} characters long`;
    const wrong = /[^0-9a-fA-F]/u.exec(group)?.[0];
    if (wrong) return `non-hex character ${quoteRune(wrong)}`;
  }
  return undefined;
};

const checkIpv4: CheckFormat = (text) => {
  const groups = text.split('.');
  if (groups.length !== 4) return 'expected four decimals';
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros';
    if (!/^[+-]?\d+$/.test(group)) return `strconv.Atoi: parsing ${quote(group)}: invalid syntax`;
    if (Number(group) < 0 || Number(group) > 255) return 'decimal must be between 0 and 255';
  }
  return undefined;
};

const checkIpv6: CheckFormat = (text) => {
  if (!text.includes(':')) return 'missing colon';
  if (text.includes('%')) return 'zone id is not a part of ipv6 address';
  return isIP(text) === 6 ? undefined : `ParseAddr(${quote(text)}): unable to parse IP`;
};

const checkHostname: CheckFormat = (text) => {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (Buffer.byteLength(name) > 253) return 'more than 253 characters long';
  for (const label of name.split('.')) {
    if (label === '' || Buffer.byteLength(label) > 63) return 'label must be 1 to 63 characters long';
    if (label.startsWith('-')) return 'label starts with hyphen';
    if (label.endsWith('-')) return 'label ends with hyphen';
    const wrong = /[^a-zA-Z0-9-]/u.exec(label)?.[0];
    if (wrong) return `invalid character ${quoteRune(wrong)}`;
  }
  return undefined;
};

const checkEmail: CheckFormat = (text) => {
  if (Buffer.byteLength(text) > 254) return 'more than 255 characters long';
  const at = text.lastIndexOf('@');
  if (at < 0) return 'missing @';
  return checkLocalPart(text.slice(0, at)) ?? checkMailDomain(text.slice(at + 1));
};

const checkLocalPart: CheckFormat = (local) => {
  if (Buffer.byteLength(local) > 64) return 'local part more than 64 characters long';
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    const isPlain = !/[\\"]/.test(local.slice(1, -1));
    return isPlain ? undefined : 'backslash and quote are not allowed within quoted local part';
  }
  if (local.startsWith('.')) return 'starts with dot';
  if (local.endsWith('.')) return 'ends with dot';
  if (local.includes('..')) return 'consecutive dots';
  const wrong = /[^a-zA-Z0-9.!#$%&'*+\-/=?^_`{|}~]/u.exec(local)?.[0];
  return wrong && `invalid character ${quoteRune(wrong)}`;
};

const checkMailDomain: CheckFormat = (domain) => {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return within('invalid domain', checkHostname(domain));
  const address = domain.slice(1, -1);
  if (address.startsWith('IPv6:')) return within('invalid ipv6 address', checkIpv6(address.slice('IPv6:'.length)));
  return within('invalid ipv4 address', checkIpv4(address));
};

/** A URL in parts, or what is wrong with it. */
function readUrl(text: string): UrlParts | string {
  try {
    const parts = parseUrl(text);
    const host = /^\[(.*)\]/.exec(parts.host)?.[1] ?? parts.host.replace(/:\d*$/, '');
    if (!host.includes(':')) return parts;
    if (!parts.host.includes('[')) return 'ipv6 address not enclosed in brackets';
    return within('invalid ipv6 address', checkIpv6(host)) ?? parts;
  } catch (error) {
    return messageOf(error).replace('unable to parse url: ', '');
  }
}

const checkUri: CheckFormat = (text) => {
  const parts = readUrl(text);
  if (typeof parts === 'string') return parts;
  return parts.scheme === '' ? 'relative url' : undefined;
};

const checkUriReference: CheckFormat = (text) => {
  if (text.includes('\\')) return 'contains \\';
  const parts = readUrl(text);
  return typeof parts === 'string' ? parts : undefined;
};

const checkUriTemplate: CheckFormat = (text) => {
  const parts = readUrl(text);
  if (typeof parts === 'string') return parts;
  for (const token of parts.path.split('/')) {
    const braces = token.replace(/[^{}]/g, '');
    if (/^(?:\{\})*$/.test(braces)) continue;
    return /^(?:\{\})*\{$/.test(braces) ? 'no matching closing brace' : 'nested curly braces';
  }
  return undefined;
};

const checkSemver: CheckFormat = (text) => {
  const [, rest = '', build] = /^([^+]*)(?:\+(.*))?$/s.exec(text) ?? [];
  const [, core = '', prerelease] = /^([^-]*)(?:-(.*))?$/s.exec(rest) ?? [];
  return checkBuild(build) ?? checkPrerelease(prerelease) ?? checkCore(core);
};

function checkBuild(build: string | undefined): string | undefined {
  if (build === undefined) return undefined;
  if (build === '') return 'build is empty';
  for (const part of build.split('.')) {
    if (part === '') return 'build identifier is empty';
    const wrong = /[^0-9a-zA-Z-]/u.exec(part)?.[0];
    if (wrong) return `invalid character ${quoteRune(wrong)} in build identifier`;
  }
  return undefined;
}

function checkPrerelease(prerelease: string | undefined): string | undefined {
  if (prerelease === undefined) return undefined;
  for (const part of prerelease.split('.')) {
    if (part === '') return 'pre-release identifier is empty';
    const wrong = /[^0-9a-zA-Z-]/u.exec(part)?.[0];
    if (wrong) return `invalid character ${quoteRune(wrong)} in pre-release identifier`;
    if (/^0\d+$/.test(part)) return 'pre-release numeric identifier starts with zero';
  }
  return undefined;
}

function checkCore(core: string): string | undefined {
  const numbers = core.split('.');
  if (numbers.length !== 3) return 'versionCore must have 3 numbers separated by dot';
  for (const [index, name] of ['major', 'minor', 'patch'].entries()) {
    const number = numbers[index] ?? '';
    if (number === '') return `${name} is empty`;
    if (number.length > 1 && number.startsWith('0')) return `${name} starts with zero`;
    if (!/^\d+$/.test(number)) return `${name} contains non-digit`;
  }
  return undefined;
}

function within(what: string, problem: string | undefined): string | undefined {
  return problem && `${what}: ${problem}`;
}

function quoteRune(rune: string): string {
  return quote(rune, { mark: "'" });
}

/** The formats that are known; others are not checked. */
export const formats: Readonly<Record<string, CheckFormat>> = {
  regex: (text) => problemOf(() => compileRegexp(text)),
  'json-pointer': checkPointer,
  'relative-json-pointer': checkRelativePointer,
  uuid: checkUuid,
  duration: checkDuration,
  period: checkPeriod,
  ipv4: checkIpv4,
  ipv6: checkIpv6,
  hostname: checkHostname,
  email: checkEmail,
  date: checkDate,
  time: checkTime,
  'date-time': checkDateTime,
  uri: checkUri,
  iri: checkUri,
  'uri-reference': checkUriReference,
  'iri-reference': checkUriReference,
  'uri-template': checkUriTemplate,
  semver: checkSemver,
};
