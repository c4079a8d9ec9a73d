import { integer, list, optional, struct, text, unmarshal } from '../config/decode.ts';
import { splitPath } from '../config/field-spec.ts';
import { selector } from '../config/kustomization.ts';
import { BuildError } from '../errors.ts';
import { ensureObject, fieldOf, readSlot, scalarText, setField } from '../json.ts';
import { restyled } from '../plain-scalar.ts';
import { readDocument } from '../read-yaml.ts';
import type { Resource } from '../resource.ts';
import { select } from '../selector.ts';
import { setNamespace } from './namespace.ts';
import { defineTransformer } from './transformer.ts';

const targets = list(
  struct('builtins.Target', { selector: optional(selector), fieldPath: text, filePathPosition: integer('int') }),
  '[]builtins.Target',
);
const shape = struct('builtins.ValueAddTransformerPlugin', { value: text, targets, targetFilePath: text });
const fileShape = struct('', { targets });

/** Puts one value into fields of many resources, or into one part of a path that a field holds. Only as a plugin. */
export const valueAddTransformer = defineTransformer({
  name: 'ValueAddTransformer',
  fromPlugin(raw, { loader }) {
    const config = unmarshal(shape, raw);
    const value = config.value.trim() || (loader.root.split('/').at(-1) ?? '');
    const { targetFilePath: path } = config;
    const fromFile = path === '' ? [] : unmarshal(fileShape, readDocument(loader.loadText(path))).targets;
    const all = [...config.targets, ...fromFile];
    if (all.length === 0) throw new BuildError('must specify at least one target');
    for (const target of all) {
      if (target.fieldPath === '') throw new BuildError('fieldPath cannot be empty');
      if (target.filePathPosition < 0) {
        throw new BuildError(`value of FilePathPosition (${target.filePathPosition}) cannot be negative`);
      }
    }
    return {
      transform(resources) {
        for (const target of all) {
          const chosen = target.selector === undefined ? resources.resources : select(resources, target.selector);
          for (const resource of chosen) addValue(resource, target, value);
        }
        resources.idsChanged();
      },
    };
  },
});

function addValue(resource: Resource, target: { fieldPath: string; filePathPosition: number }, value: string): void {
  if (target.fieldPath === 'metadata/namespace') {
    setNamespace(resource, { namespace: value, fieldSpecs: [], unsetOnly: false, subjects: 'defaultOnly' });
    return;
  }
  const parts = splitPath(target.fieldPath);
  let holder = resource.object;
  for (const part of parts.slice(0, -1)) {
    const next = ensureObject(holder, part);
    if (next === undefined) throw new BuildError(`wrong node kind: expected MappingNode at field '${part}'`);
    holder = next;
  }
  const key = parts.at(-1) ?? '';
  const current = readSlot(holder, key);
  const position = target.filePathPosition;
  const text = position > 0 ? insertPart(scalarText(fieldOf(holder, key)), position - 1, value) : value;
  setField(holder, key, restyled(current, text));
}

/** Inserts a part into a path; positions past its end append. */
function insertPart(path: string, position: number, part: string): string {
  const absolute = path.startsWith('/');
  const parts = path.split('/').filter((piece) => piece !== '');
  parts.splice(Math.min(position, parts.length), 0, part);
  return (absolute ? '/' : '') + parts.join('/');
}
