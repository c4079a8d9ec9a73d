import { formatYaml } from '@flux/yaml';
import { joinPath, parseRepository } from './loader/repository.ts';
import type { Resource } from './resource.ts';

export const originAnnotation = 'config.kubernetes.io/origin';
export const transformationsAnnotation = 'alpha.config.kubernetes.io/transformations';

/** Where a resource or a change to it comes from; written to annotations when `buildMetadata` asks (KUS-BUILD-08). */
export interface Origin {
  readonly path: string;
  readonly repo: string;
  readonly ref: string;
  readonly configuredIn: string;
  readonly configuredBy: ConfiguredBy | undefined;
}

interface ConfiguredBy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

export const rootOrigin: Origin = { path: '', repo: '', ref: '', configuredIn: '', configuredBy: undefined };

/** The origin one step further: a file or folder named by a kustomization, perhaps in another repository. */
export function appendOrigin(origin: Origin, path: string): Origin {
  const repository = parseRepository(path);
  if (repository === undefined) return { ...origin, path: joinPath(origin.path, path) };
  return { ...origin, repo: repository.cloneUrl, ref: repository.ref, path: joinPath(repository.path) };
}

/** The origin of what a builtin generator makes or a builtin transformer changes. */
export function builtinOrigin(origin: Origin, file: string, kind: string): Origin {
  return {
    ...rootOrigin,
    repo: origin.repo,
    ref: origin.ref,
    configuredIn: joinPath(origin.path, file),
    configuredBy: { apiVersion: 'builtin', kind, name: '', namespace: '' },
  };
}

/** The origin for a plugin configuration that itself has one. */
export function pluginOrigin(config: Resource, origin: Origin): Origin {
  const { apiVersion, kind, name, namespace } = config;
  return {
    ...rootOrigin,
    repo: origin.repo,
    ref: origin.ref,
    configuredIn: origin.path,
    configuredBy: { apiVersion, kind, name, namespace },
  };
}

export function formatOrigin(origin: Origin): string {
  return originLines(origin)
    .map((line) => `${line}\n`)
    .join('');
}

function originLines({ path, repo, ref, configuredIn, configuredBy }: Origin): string[] {
  const lines = [...fieldLines({ path, repo, ref, configuredIn })];
  if (configuredBy === undefined) return lines;
  return [...lines, 'configuredBy:', ...fieldLines({ ...configuredBy }).map((line) => `  ${line}`)];
}

function fieldLines(fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => formatYaml({ [name]: value }).trimEnd());
}

export function addOrigin(resources: readonly Resource[], origin: Origin): void {
  const text = formatOrigin(origin);
  for (const resource of resources) {
    resource.stringifyAnnotations();
    if (resource.annotation(originAnnotation) === undefined) resource.setAnnotation(originAnnotation, text);
  }
}

export function setOrigin(resources: readonly Resource[], origin: Origin): void {
  const text = formatOrigin(origin);
  for (const resource of resources) resource.setAnnotation(originAnnotation, text);
}

/** Notes a transformation; a resource without an origin is taken as made by it. */
export function addTransformation(resources: readonly Resource[], origin: Origin): void {
  const text = formatOrigin(origin);
  const entry = originLines(origin)
    .map((line, index) => `${index === 0 ? '- ' : '  '}${line}\n`)
    .join('');
  for (const resource of resources) {
    resource.stringifyAnnotations();
    if (resource.annotation(originAnnotation) === undefined) {
      resource.setAnnotation(originAnnotation, text);
    } else {
      const known = resource.annotation(transformationsAnnotation) ?? '';
      resource.setAnnotation(transformationsAnnotation, known + entry);
    }
  }
}
