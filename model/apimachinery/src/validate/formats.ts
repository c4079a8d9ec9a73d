import { isIPv4, isIPv6 } from 'node:net';
import { parseDuration } from '@flux/gotypes';
import { compileRegexp } from '@flux/regexp';
import type { Schema } from '../schema.ts';

/*
 * The formats that the server checks in custom resources. The patterns on native regular expressions have no nested
 * repetition, so they stay linear in the length of the text.
 */
type Check = (text: string) => boolean;

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/;
const rgb =
  /^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$/;
const creditCard =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;
const shortName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const hostname =
  '^([a-zA-Z0-9\\p{S}\\p{L}]((-?[a-zA-Z0-9\\p{S}\\p{L}]{0,62})?)|([a-zA-Z0-9\\p{S}\\p{L}](([a-zA-Z0-9-\\p{S}\\p{L}]{0,61}[a-zA-Z0-9\\p{S}\\p{L}])?)(\\.)){1,}([a-zA-Z\\p{L}]){2,63})$';

const checks: Readonly<Record<string, Check>> = {
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  byte: (text) => base64.test(text),
  cidr: isCidr,
  creditcard: (text) => creditCard.test(text.replace(/[^0-9]/g, '')) && hasLuhnSum(text.replace(/[^0-9]/g, '')),
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  email: (text) => /^(?:[^<>\r\n]{0,200}<)?[^\s@<>]{1,64}@[^\s@<>]{1,255}>?$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  hostname: isHostname,
  ipv4: (text) => isIPv4(withoutLeadingZeros(text)) || (text.includes('.') && isIPv6(text)),
  ipv6: (text) => text.includes(':') && isIPv6(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  k8slongname: (text) => text.length <= 253 && text.split('.').every((part) => shortName.test(part)),
  k8sshortname: (text) => text.length <= 63 && shortName.test(text),
  mac: (text) => /^([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4,18}|[0-9a-f]{4}(\.[0-9a-f]{4}){2,9})$/i.test(text),
  password: () => true,
  rgbcolor: (text) => rgb.test(text),
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  uri: isRequestUri,
  uuid: (text) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text),
  uuid3: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
};

/** The format of a schema if the server knows it for the type, else undefined: unknown formats do not count. */
export function supportedFormat({ format, type, intOrString }: Schema): string | undefined {
  if (format === undefined || format === '') return undefined;
  switch (intOrString ? undefined : type) {
    case 'integer':
      return format === 'int32' || format === 'int64' ? format : undefined;
    case 'number':
      return format === 'float' || format === 'double' ? format : undefined;
    case 'string':
    case undefined:
      return Object.hasOwn(checks, normalize(format)) ? format : undefined;
    default:
      return undefined;
  }
}

/** True for formats of strings that the server does not check. */
export function hasFormat(text: string, format: string): boolean {
  const name = normalize(format);
  return !Object.hasOwn(checks, name) || checks[name]!(text);
}

function normalize(format: string): string {
  return format.replaceAll('-', '');
}

function withoutLeadingZeros(address: string): string {
  return address.replace(/(^|\.)0+(?=\d)/g, '$1');
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf('/');
  const [address, prefix] = [withoutLeadingZeros(text.slice(0, Math.max(slash, 0))), text.slice(slash + 1)];
  if (slash < 0 || !/^\d{1,3}$/.test(prefix)) return false;
  return isIPv4(address) ? Number(prefix) <= 32 : isIPv6(address) && Number(prefix) <= 128;
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  const [date, time] = text.toLowerCase().split('t');
  if (date === undefined || time === undefined || !isDate(date)) return false;
  const match = /^(\d\d):(\d\d):(\d\d)(.\d+)?(z|[+-]\d\d:\d\d)$/.exec(time);
  return match !== null && match[1]! <= '23' && match[2]! <= '59' && match[3]! <= '59';
}

const units = [
  'ns',
  'nano',
  'us',
  'µs',
  'micro',
  'ms',
  'milli',
  's',
  'sec',
  'm',
  'min',
  'h',
  'hr',
  'hour',
  'd',
  'day',
  'w',
  'wk',
  'week',
];
const longUnits = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];

/** Go's durations, or those of Scala: `1 day`, `2weeks`. */
function isDuration(text: string): boolean {
  try {
    parseDuration(text);
    return true;
  } catch {
    return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some(([, word = '']) => {
      const unit = word.toLowerCase();
      return units.includes(unit) || longUnits.some((long) => unit.startsWith(long));
    });
  }
}

function isHostname(text: string): boolean {
  return text.length <= 255 && text.split('.').every((part) => part.length <= 63) && compileRegexp(hostname).test(text);
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  const sum = [...digits].reduce(
    (total, digit, index) => total + (10 - index) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^[0-9]{13}$/.test(digits)) return false;
  return [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

function hasLuhnSum(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** What Go's url.ParseRequestURI accepts: an absolute path or a URL with a scheme. */
function isRequestUri(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
  if (text === '' || /[\x00-\x20\x7f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false;
  if (text.startsWith('/')) return true;
  const match = /^[a-zA-Z][a-zA-Z0-9+.-]*:(.+)$/.exec(text);
  const authority = match && /^\/\/([^/?#]*)/.exec(match[1] ?? '')?.[1];
  return match !== null && (!authority || /^([^@]*@)?(\[[^\]]*\]|[^:[\]]*)(:\d*)?$/.test(authority));
}
