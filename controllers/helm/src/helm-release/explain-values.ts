import type { HelmRelease } from '@flux/api';
import { isJsonObject } from '@flux/apimachinery';
import { type Chart, readValues, type Values } from '@flux/helm';

/** Where a part of the composed values comes from. */
export interface ValuesOrigin {
  /** `ConfigMap/ns/name key values.yaml`, `spec.values`, `values.yaml of the chart`. */
  name: string;
  values: Values;
}

type ReadData = (kind: 'ConfigMap' | 'Secret', name: string) => Promise<Readonly<Record<string, string>> | undefined>;

/** The origins of the values of a release, the strongest first. What cannot be read is left out. */
export async function findOrigins(object: HelmRelease, chart: Chart, read: ReadData): Promise<ValuesOrigin[]> {
  const origins: ValuesOrigin[] = [{ name: 'values.yaml of the chart', values: chart.values }];
  for (const { kind, name, valuesKey = 'values.yaml', targetPath } of object.spec.valuesFrom ?? []) {
    const subject = `${kind}/${object.metadata.namespace}/${name} key ${valuesKey}`;
    if (targetPath) {
      origins.push({ name: subject, values: pathAsValues(targetPath) });
      continue;
    }
    const text = (await read(kind, name).catch(() => undefined))?.[valuesKey];
    const values = text === undefined ? undefined : tryParse(text);
    if (values) origins.push({ name: subject, values });
  }
  origins.push({ name: 'spec.values', values: object.spec.values ?? {} });
  return origins.reverse();
}

function pathAsValues(path: string): Values {
  const keys = path.split(/\.|\[\d+\]/).filter((key) => key !== '');
  return keys.reduceRight<Values>((inner, key) => ({ [key]: inner }), {});
}

function tryParse(text: string): Values | undefined {
  try {
    return readValues(text);
  } catch {
    return undefined;
  }
}

/** The values that the failing line of a template reads, and where each comes from. */
export function explainValues(error: string, chart: Chart, origins: readonly ValuesOrigin[]): string[] {
  const expressions = [...new Set([...valuesIn(error), ...valuesIn(lineOf(error, chart))])];
  return expressions.map((expression) => describe(expression, origins));
}

function valuesIn(text: string): string[] {
  return [...text.matchAll(/\.Values((?:\.[A-Za-z_][\w-]*)+)/g)].map(([, path = '']) => path.slice(1));
}

/** `demo/templates/x.yaml:3:5` in the text of the error. */
function lineOf(error: string, chart: Chart): string {
  const [, path = '', line = '0'] = /([\w.-]+(?:\/[\w.-]+)+):(\d+)/.exec(error) ?? [];
  const found = findTemplate(chart, path);
  return found?.split('\n')[Number(line) - 1] ?? '';
}

function findTemplate(chart: Chart, path: string): string | undefined {
  const [name, ...rest] = path.split('/');
  if (name !== chart.metadata.name) return undefined;
  if (rest[0] === 'charts') {
    const child = chart.dependencies.find(({ metadata }) => metadata.name === rest[1]);
    return child && findTemplate(child, rest.slice(1).join('/'));
  }
  const file = chart.templates.find((template) => template.name === rest.join('/'));
  return file && Buffer.from(file.data).toString('utf8');
}

function describe(path: string, origins: readonly ValuesOrigin[]): string {
  const keys = path.split('.');
  const setter = origins.find(({ values }) => depthOf(values, keys) === keys.length);
  if (setter) return `.Values.${path} comes from ${setter.name}`;
  const depth = Math.max(...origins.map(({ values }) => depthOf(values, keys)));
  const parent = depth > 0 ? origins.find(({ values }) => depthOf(values, keys) === depth) : undefined;
  const known = parent ? `; .Values.${keys.slice(0, depth).join('.')} comes from ${parent.name}` : '';
  return `.Values.${path} is set by none of ${origins.map(({ name }) => name).join(', ')}${known}`;
}

/** How many keys of the path are there. */
function depthOf(values: Values, keys: readonly string[]): number {
  let current: unknown = values;
  for (const [depth, key] of keys.entries()) {
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return depth;
    current = current[key];
  }
  return keys.length;
}
