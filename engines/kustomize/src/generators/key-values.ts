import { isUtf8 } from 'node:buffer';
import type { GeneratorArgs } from '../config/kustomization.ts';
import { BuildError, quote, withPrefix } from '../errors.ts';
import type { Loader } from '../loader/loader.ts';

/** A generated entry: text, or bytes when the file is not UTF-8. */
export type PairValue = string | Uint8Array;

/** Entries of a generator in kustomize's order: env files, literals, files; a repeated key is an error. */
export function loadPairs(args: GeneratorArgs, loader: Loader): Map<string, PairValue> {
  const loaded: [key: string, value: PairValue][] = [];
  withPrefix('loading KV pairs', () => {
    withPrefix(`env source files: [${args.envs.join(' ')}]`, () => {
      for (const path of args.envs) for (const pair of envPairs(loader.loadBytes(path))) loaded.push(pair);
    });
    withPrefix(`literal sources [${args.literals.join(' ')}]`, () => {
      for (const literal of args.literals) loaded.push(parseLiteral(literal));
    });
    withPrefix(`file sources: [${args.files.join(' ')}]`, () => {
      for (const source of args.files) {
        const [key, path] = parseFileSource(source);
        loaded.push([key, decodeText(loader.loadBytes(path))]);
      }
    });
  });
  const pairs = new Map<string, PairValue>();
  for (const [key, value] of loaded) {
    if (pairs.has(key)) throw new BuildError(`configmap ${args.name} illegally repeats the key \`${key}\``);
    pairs.set(key, value);
  }
  return pairs;
}

function decodeText(content: Uint8Array): PairValue {
  return isUtf8(content) ? Buffer.from(content.buffer, content.byteOffset, content.length).toString() : content;
}

function parseLiteral(source: string): [string, string] {
  const equals = source.indexOf('=');
  if (equals <= 0) throw new BuildError(`invalid literal source ${source}, expected key=value`);
  return [source.slice(0, equals), removeQuotes(source.slice(equals + 1))];
}

function removeQuotes(text: string): string {
  const first = text[0];
  if (text.length < 2 || first !== text.at(-1)) return text;
  return first === '"' || first === "'" ? text.slice(1, -1) : text;
}

/** `key=path`, or a path whose last part is the key. */
function parseFileSource(source: string): [key: string, path: string] {
  const parts = source.split('=');
  const [key = '', path = ''] = parts;
  if (parts.length === 1) return [baseName(source), source];
  if (parts.length > 2) throw new BuildError(`source ${quote(source)} key name or file path contains '='`);
  if (key === '') throw new BuildError(`missing key name for file path ${quote(path)} in source ${quote(source)}`);
  if (path === '') throw new BuildError(`missing file path for key name ${quote(key)} in source ${quote(source)}`);
  return [key, path];
}

function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

function envPairs(content: Uint8Array): [string, string][] {
  const text = decodeText(content);
  if (typeof text !== 'string') throw new BuildError('env file has invalid utf8 bytes');
  const pairs: [string, string][] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    const trimmed = line.replace(/\r$/, '').trimStart();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const equals = trimmed.indexOf('=');
    const key = equals < 0 ? trimmed : trimmed.slice(0, equals);
    if (key !== '') pairs.push([key, equals < 0 ? '' : trimmed.slice(equals + 1)]);
  }
  return pairs;
}
