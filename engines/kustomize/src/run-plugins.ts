import { FluxError } from '@flux/errors';
import { accumulateResources } from './accumulate-resources.ts';
import { BuildError, withPrefix } from './errors.ts';
import type { Generator } from './generators/generator.ts';
import { cloneJson, fieldOf, isObject } from './json.ts';
import { goJson } from './json-text.ts';
import { parseResources } from './manifest.ts';
import {
  addOrigin,
  addTransformation,
  appendOrigin,
  builtinOrigin,
  type Origin,
  originAnnotation,
  pluginOrigin,
  setOrigin,
} from './origin.ts';
import { generators, loadPluginGenerator, loadPluginTransformer, transformers } from './plugins.ts';
import type { Resource } from './resource.ts';
import { idKey } from './resource-id.ts';
import type { ResourceSet } from './resource-set.ts';
import { type Accumulation, emptyAccumulation, type Target } from './target.ts';
import type { PluginContext, Transformer } from './transformers/transformer.ts';

interface Step<T> {
  readonly plugin: T;
  readonly origin: Origin | undefined;
}

/** Runs the generators of the kustomization's fields, then those of its `generators` configurations. */
export function runGenerators(target: Target, into: Accumulation): void {
  const steps = generators.flatMap(({ name, fromKustomization }) => {
    const plugins = fromKustomization?.(target.kustomization, contextOf(target)) ?? [];
    return plugins.map((plugin): Step<Generator> => ({ plugin, origin: fieldOrigin(target, name) }));
  });
  steps.push(
    ...withPrefix('loading generator plugins', () =>
      loadConfigs(target.kustomization.generators, target).map((config) => ({
        plugin: loadPluginGenerator(config, contextOf(target)),
        origin: originOf(config, target),
      })),
    ),
  );
  for (const { plugin, origin } of steps) {
    const generated = plugin.generate();
    if (origin !== undefined) addOrigin(generated, origin);
    withPrefix('merging from generator', () => {
      for (const resource of generated) into.resources.absorb(resource);
    });
  }
}

/** Configures all transformers, those of fields first, and runs them in that order. */
export function runTransformers(target: Target, { resources, config }: Accumulation): void {
  const steps = transformers.flatMap(({ name, fromKustomization }) => {
    const plugins = fromKustomization?.(target.kustomization, config, contextOf(target)) ?? [];
    return plugins.map((plugin): Step<Transformer> => ({ plugin, origin: fieldOrigin(target, name) }));
  });
  steps.push(...loadTransformers(target.kustomization.transformers, target));
  for (const step of steps) runStep(step, resources);
}

function runStep({ plugin, origin }: Step<Transformer>, resources: ResourceSet): void {
  plugin.transform(resources);
  if (origin !== undefined) addTransformation(resources.resources, origin);
  resources.dropEmpty();
}

/** Validators are transformers that must leave everything as it is, save for a `validated-by` label. */
export function runValidators(target: Target, { resources }: Accumulation): void {
  if (target.kustomization.validators.length === 0) return;
  for (const { plugin } of loadTransformers(target.kustomization.validators, target)) {
    const before = snapshot(resources, false);
    plugin.transform(resources);
    const after = snapshot(resources, true);
    for (const [id, text] of before) {
      if (after.get(id) !== text || after.size !== before.size) {
        throw new BuildError(`validator shouldn't modify the resource map: ${id.replaceAll('\n', ' ')}`);
      }
    }
  }
}

function snapshot(resources: ResourceSet, withoutMark: boolean): Map<string, string> {
  return new Map(
    resources.resources.map((resource) => {
      const object = withoutMark ? withoutValidatedBy(resource) : resource.object;
      return [idKey(resource.id), goJson(object)];
    }),
  );
}

function withoutValidatedBy(resource: Resource): Resource['object'] {
  if (resource.label('validated-by') === undefined) return resource.object;
  const object = cloneJson(resource.object);
  const metadata = fieldOf(object, 'metadata');
  const labels = isObject(metadata) ? fieldOf(metadata, 'labels') : undefined;
  if (!isObject(metadata) || !isObject(labels)) return object;
  delete labels['validated-by'];
  if (Object.keys(labels).length === 0) delete metadata['labels'];
  return object;
}

function loadTransformers(entries: readonly string[], target: Target): Step<Transformer>[] {
  return loadConfigs(entries, target).map((config) => ({
    plugin: loadPluginTransformer(config, contextOf(target)),
    origin: originOf(config, target),
  }));
}

/** Plugin configurations: inline ones first, then those of files and folders. */
function loadConfigs(entries: readonly string[], target: Target): readonly Resource[] {
  if (entries.length === 0) return [];
  const gathered = emptyAccumulation();
  const paths: string[] = [];
  for (const entry of entries) {
    const inline = parseInline(entry, target);
    if (inline === undefined) {
      paths.push(entry);
      continue;
    }
    if (target.origin !== undefined) setOrigin(inline, appendOrigin(target.origin, target.file));
    gathered.resources.appendAll(inline);
  }
  accumulateResources(paths, target, gathered);
  return gathered.resources.resources;
}

function parseInline(entry: string, { state }: Target): Resource[] | undefined {
  if (!entry.includes('\n') && !entry.includes('{')) return undefined;
  try {
    return parseResources(entry, state.schemas);
  } catch (error) {
    if (error instanceof FluxError) return undefined;
    throw error;
  }
}

function contextOf({ loader, state, kustomization, outerNamespace }: Target): PluginContext {
  const namespace = kustomization.namespace || outerNamespace;
  return { loader, schemas: state.schemas, copies: state.copies, namespace };
}

function fieldOrigin({ origin, file }: Target, name: string): Origin | undefined {
  return origin === undefined ? undefined : builtinOrigin(origin, file, name);
}

/** A configuration's own origin annotation says where it was read. */
function originOf(config: Resource, { origin }: Target): Origin | undefined {
  const text = config.annotation(originAnnotation);
  if (origin === undefined || text === undefined) return undefined;
  return pluginOrigin(config, parseOrigin(text, origin));
}

function parseOrigin(text: string, fallback: Origin): Origin {
  const read = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1] ?? '';
  return { ...fallback, path: read('path'), repo: read('repo'), ref: read('ref') };
}
