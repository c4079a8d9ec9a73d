import { Buffer } from 'node:buffer';
import type { YamlMode } from './cursor.ts';
import { resolvePlain, type Scalar } from './resolve.ts';
import { parseTimestamp } from './timestamp.ts';

const corePrefix = 'tag:yaml.org,2002:';
const resolvable = new Set(['!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp']);

/** `!!str` for the full name of a core tag; other tags as they are. */
export function shortenTag(tag: string): string {
  return tag.startsWith(corePrefix) ? `!!${tag.slice(corePrefix.length)}` : tag;
}

/** The value of a scalar with an explicit tag, or why it has none. */
export function resolveTagged(tag: string, text: string, mode: YamlMode): { value: Scalar } | { problem: string } {
  if (tag === '!!binary') {
    const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(
      text.replace(/[\r\n]/g, ''),
    );
    if (!isBase64) return { problem: '!!binary value contains invalid base64 data' };
    return { value: Buffer.from(text, 'base64').toString('utf8') };
  }
  if (tag === '!!str' || !resolvable.has(tag)) return { value: text };
  if (tag === '!!timestamp') {
    return parseTimestamp(text) ? { value: text } : mismatch(text, tag, mode);
  }
  const value = resolvePlain(text, mode);
  const found = tagOf(value, text);
  if (found === tag || (tag === '!!float' && found === '!!int' && typeof value === 'number')) return { value };
  return mismatch(text, tag, mode);
}

function mismatch(text: string, tag: string, mode: YamlMode): { problem: string } {
  const found = tagOf(resolvePlain(text, mode), text);
  return { problem: `cannot decode ${found} \`${text}\` as a ${tag}` };
}

function tagOf(value: Scalar, text: string): string {
  if (value === null) return '!!null';
  if (typeof value === 'boolean') return '!!bool';
  if (typeof value === 'string') return text === '<<' ? '!!merge' : parseTimestamp(text) ? '!!timestamp' : '!!str';
  const isInteger =
    typeof value === 'bigint' || (Number.isInteger(value) && !/[.eE]/.test(text.replace(/^[-+]?0[xX].*/, '')));
  return isInteger ? '!!int' : '!!float';
}
