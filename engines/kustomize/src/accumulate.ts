import type { JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { loadCrdConfig } from './config/crd-config.ts';
import type { Kustomization } from './config/kustomization.ts';
import { loadKustomization } from './config/kustomization-file.ts';
import { emptyConfig, loadConfig, mergeConfig, type TransformerConfig } from './config/transformer-config.ts';
import { BuildError, messageOf, quote, withPrefix } from './errors.ts';
import { bindVariables, describeVariable, normaliseVariables, VariableSet } from './finish/variables.ts';
import { isRemoteFile, type Loader } from './loader/loader.ts';
import { parseRepository } from './loader/repository.ts';
import { isMalformedYaml, parseNamedFile } from './manifest-file.ts';
import type { SchemaSet } from './merge/schema.ts';
import { appendOrigin, formatOrigin, type Origin, originAnnotation } from './origin.ts';
import { readConfig } from './read-yaml.ts';
import { ResourceSet } from './resource-set.ts';
import { runGenerators, runTransformers, runValidators } from './run-plugins.ts';

/** What one build shares between its kustomizations. */
export interface BuildState {
  readonly schemas: SchemaSet;
  readonly warn: (message: string) => void;
  /** Kustomizations that may still be read; bases that multiply without end stop here. */
  remaining: number;
}

/** Resources and what later steps need, gathered from a kustomization and everything below it. */
export interface Accumulation {
  readonly resources: ResourceSet;
  readonly variables: VariableSet;
  config: TransformerConfig;
}

/** One kustomization that is being built. */
export interface Target {
  readonly loader: Loader;
  readonly file: string;
  readonly kustomization: Kustomization;
  /** Tracked only when the root's `buildMetadata` asks for anything. */
  readonly origin: Origin | undefined;
  readonly state: BuildState;
}

export function emptyAccumulation(): Accumulation {
  return { resources: new ResourceSet(), variables: new VariableSet(), config: emptyConfig };
}

export function openTarget(loader: Loader, state: BuildState, origin: Origin | undefined): Target {
  if (state.remaining-- <= 0) {
    throw new BuildError(`too many kustomizations in one build, at '${loader.root}'`);
  }
  const { name, kustomization } = loadKustomization(loader, state.warn);
  return { loader, file: name, kustomization, origin, state };
}

/** Applies the `openapi` field of a kustomization. */
export function useOpenApi({ loader, kustomization, state }: Target): void {
  const { openapi } = kustomization;
  const path = openapi.get('path');
  let document: JsonValue | undefined;
  if (path !== undefined) document = readConfig(loader.loadText(path)) ?? {};
  state.schemas.use(openapi, document);
}

/** Gathers a kustomization: resources, generated ones, components; then transforms, validates and binds variables. */
export function accumulate(target: Target, into: Accumulation): Accumulation {
  const { kustomization, loader, state } = target;
  withPrefix('accumulating resources', () => accumulateResources(kustomization.resources, target, into));
  into.config = mergeConfig(into.config, loadConfig(loader, kustomization.configurations));
  const crds = withPrefix(`loading CRDs [${kustomization.crds.join(' ')}]`, () =>
    loadCrdConfig(loader, kustomization.crds),
  );
  into.config = mergeConfig(into.config, crds);
  runGenerators(target, into);
  const result = withPrefix('accumulating components', () =>
    kustomization.components.reduce((current, path) => accumulateComponent(path, target, current), into),
  );
  runTransformers(target, result);
  runValidators(target, result);
  addVariables(kustomization.vars ?? [], result, state.schemas);
  return result;
}

function addVariables(
  variables: NonNullable<Kustomization['vars']>,
  { resources, variables: set }: Accumulation,
  schemas: SchemaSet,
): void {
  if (variables.length === 0) return;
  const shown = variables.map((variable) => describeVariable(variable, true)).join(' ');
  withPrefix(`merging vars [${shown}]`, () => {
    normaliseVariables(variables);
    bindVariables(resources, variables, schemas);
    for (const variable of variables) set.add(variable);
  });
}

/** Adds each path: a manifest file, or a base in a folder or repository. */
export function accumulateResources(paths: readonly string[], target: Target, into: Accumulation): void {
  for (const path of paths) {
    const problem = accumulateFile(path, target, into);
    if (problem === undefined) continue;
    if (isRemoteFile(path) && parseRepository(path) === undefined) throw problem;
    let loader: Loader;
    try {
      loader = target.loader.enter(path);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      // With malformed YAML the path is surely a file; why it is no folder would only confuse.
      if (problem instanceof BuildError && isMalformedYaml(problem)) throw problem;
      throw new BuildError(`accumulation err='${problem.message}': ${error.message}`, { cause: problem });
    }
    withPrefix(`accumulation err='${problem.message}'`, () => accumulateBase(loader, path, target, into));
  }
}

/** Adds the resources of a file; a failure is returned, as the path may be a folder. */
function accumulateFile(path: string, target: Target, into: Accumulation): FluxError | undefined {
  const prefix = `accumulating resources from '${path}'`;
  if (target.loader.isLocalDirectory(path)) return new BuildError(`${prefix}: ${target.loader.directoryMessage(path)}`);
  try {
    const set = withPrefix(prefix, () => ResourceSet.of(parseNamedFile(path, target.loader, target.state.schemas)));
    if (target.origin !== undefined) {
      const text = formatOrigin(appendOrigin(target.origin, path));
      for (const resource of set.resources) resource.setAnnotation(originAnnotation, text);
    }
    withPrefix(`merging resources from '${path}'`, () => into.resources.appendAll(set.resources));
    return undefined;
  } catch (error) {
    if (error instanceof FluxError) return error;
    throw error;
  }
}

function accumulateBase(loader: Loader, path: string, parent: Target, into: Accumulation): void {
  const target = openBelow(loader, path, parent);
  if (target.kustomization.kind === 'Component') {
    throw new BuildError(`expected kind != 'Component' for path '${loader.root}'`);
  }
  const gathered = withPrefix(`recursed accumulation of path '${loader.root}'`, () =>
    accumulate(target, emptyAccumulation()),
  );
  withPrefix(`recursed merging from path '${loader.root}'`, () => merge(into, gathered));
}

function merge(into: Accumulation, other: Accumulation): void {
  into.resources.appendAll(other.resources.resources);
  into.config = mergeConfig(into.config, other.config);
  into.variables.addAll(other.variables);
}

/** A component works on everything gathered so far; its result takes the place of that. */
function accumulateComponent(path: string, parent: Target, current: Accumulation): Accumulation {
  const loader = rephrase('loader.New', () => parent.loader.enter(path));
  return rephrase('accumulateDirectory:', () => {
    const target = openBelow(loader, path, parent);
    const { kind } = target.kustomization;
    if (kind !== 'Component')
      throw new BuildError(`expected kind 'Component' for path '${loader.root}' but got '${kind}'`);
    const gathered = withPrefix(`recursed accumulation of path '${loader.root}'`, () => accumulate(target, current));
    const result = emptyAccumulation();
    withPrefix(`recursed merging from path '${loader.root}'`, () => merge(result, gathered));
    return result;
  });
}

/** Failures of components are quoted as one Go string. */
function rephrase<T>(prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new BuildError(`${prefix} ${quote(messageOf(error))}`, { cause: error });
  }
}

function openBelow(loader: Loader, path: string, parent: Target): Target {
  const origin = parent.origin === undefined ? undefined : appendOrigin(parent.origin, path);
  const target = withPrefix(`couldn't make target for path '${loader.root}'`, () =>
    openTarget(loader, parent.state, origin),
  );
  useOpenApi(target);
  return target;
}
