import type { KubeObject } from '@flux/apimachinery';
import { type Fields, list } from '../strategies/fields.ts';
import { ageOf } from './duration.ts';

export type Print = (object: KubeObject, now: Date) => unknown[];

export function age({ metadata }: KubeObject, now: Date): string {
  return ageOf(metadata.creationTimestamp, now);
}

export function containerCells(spec: Fields | undefined): [names: string, images: string] {
  const containers = list(spec?.['containers']);
  return [containers.map(({ name }) => name).join(','), containers.map(({ image }) => image).join(',')];
}

export function formatLabels(labels: Record<string, string> | undefined): string {
  const parts = Object.entries(labels ?? {})
    .sort()
    .map(([key, value]) => `${key}=${value}`);
  return parts.join(',') || '<none>';
}

export function template({ spec }: KubeObject): Fields | undefined {
  return spec?.template?.spec;
}

export function someOf(values: readonly unknown[], empty: string): string {
  if (values.length === 0) return empty;
  return values.length > 3 ? `${values.slice(0, 3).join(',')} + ${values.length - 3} more...` : values.join(',');
}

export const named =
  (...values: ((object: KubeObject) => unknown)[]): Print =>
  (object, now) => [object.metadata.name, ...values.map((value) => value(object)), age(object, now)];

export const createdAt: Print = ({ metadata }) => [metadata.name, metadata.creationTimestamp ?? null];
