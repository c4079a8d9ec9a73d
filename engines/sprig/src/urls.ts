import { bytesOf, fn, type GoFunction, type GoMap, kindOf, quote } from '@flux/gotemplate';

export interface UrlParts {
  scheme: string;
  opaque: string;
  userinfo: string;
  host: string;
  path: string;
  query: string;
  fragment: string;
}

/** URLs with the rules of Go's net/url. */
export const urlFunctions: Readonly<Record<string, GoFunction>> = {
  urlParse: fn('string', (text: string) => {
    const parts = parseUrl(text);
    return { ...parts, hostname: hostname(parts.host) };
  }),
  urlJoin: fn('map', join),
};

function fail(text: string, message: string): never {
  throw new TypeError(`unable to parse url: parse ${quote(text)}: ${message}`);
}

/** Splits a URL, or throws with Go's words behind `unable to parse url: `. */
export function parseUrl(text: string): UrlParts {
  if (/[\p{Cc}]/u.test(text)) fail(text, 'net/url: invalid control character in URL');
  const [beforeFragment = '', fragment = ''] = cut(text, '#');
  const [, scheme = '', afterScheme = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(beforeFragment) ?? [];
  if (scheme === '' && beforeFragment.startsWith(':')) fail(text, 'missing protocol scheme');
  const [body = '', query = ''] = cut(afterScheme, '?');
  const parts: UrlParts = {
    scheme: scheme.toLowerCase(),
    opaque: '',
    userinfo: '',
    host: '',
    path: '',
    query,
    fragment: decode(text, fragment),
  };
  if (!body.startsWith('/')) {
    if (scheme !== '') return { ...parts, opaque: body };
    if (body.split('/')[0]?.includes(':')) fail(text, 'first path segment in URL cannot contain colon');
  }
  if (!body.startsWith('//') || (scheme === '' && body.startsWith('///')))
    return { ...parts, path: decode(text, body) };
  const slash = body.indexOf('/', 2);
  const authority = slash < 0 ? body.slice(2) : body.slice(2, slash);
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (host.startsWith('[') && !host.includes(']')) fail(text, "missing ']' in host");
  const port = /:([^\]:]*)$/.exec(host)?.[1];
  if (port !== undefined && !/^\d*$/.test(port)) fail(text, `invalid port ${quote(`:${port}`)} after host`);
  if (/[\s<>"]/.test(host)) fail(text, `invalid character ${quote(/[\s<>"]/.exec(host)?.[0] ?? '')} in host name`);
  return {
    ...parts,
    userinfo: at < 0 ? '' : authority.slice(0, at),
    host: decode(text, host),
    path: slash < 0 ? '' : decode(text, body.slice(slash)),
  };
}

function cut(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function decode(url: string, text: string): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)?.[0];
  if (bad !== undefined) fail(url, `invalid URL escape ${quote(bad)}`);
  return Buffer.concat(
    text
      .split(/(%[0-9A-Fa-f]{2})/)
      .map((part) => (/^%/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))),
  ).toString();
}

function hostname(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'));
  return host.replace(/:\d*$/, '');
}

function escapeText(text: string, kept: RegExp): string {
  let out = '';
  for (const byte of bytesOf(text)) {
    const character = String.fromCharCode(byte);
    out += kept.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

function join(map: GoMap | undefined): string {
  const part = (key: string) => textOf(map, key);
  const [scheme, host, path, query, opaque, fragment, userinfo] = [
    'scheme',
    'host',
    'path',
    'query',
    'opaque',
    'fragment',
    'userinfo',
  ].map(part);
  let out = scheme ? `${scheme}:` : '';
  if (opaque) out += opaque;
  else {
    if (scheme || host || userinfo) out += host || path || userinfo ? '//' : '';
    if (userinfo) out += `${userinfo}@`;
    out += host ? escapeText(host, /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/) : '';
    const escaped = escapeText(path ?? '', /[A-Za-z0-9\-_.~$&+,/:;=@!'()*[\]]/);
    if (escaped && !escaped.startsWith('/') && host) out += '/';
    if (out === '' && escaped.split('/')[0]?.includes(':')) out += './';
    out += escaped;
  }
  if (query) out += `?${query}`;
  return fragment ? `${out}#${escapeText(fragment, /[A-Za-z0-9\-_.~$&+,/:;=?@!'()*]/)}` : out;
}

function textOf(map: GoMap | undefined, key: string): string {
  if (map === undefined || !Object.hasOwn(map, key)) return '';
  const value = map[key];
  if (typeof value === 'string') return value;
  if (value === null || value === undefined)
    throw new TypeError('runtime error: invalid memory address or nil pointer dereference');
  throw new TypeError(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`);
}
