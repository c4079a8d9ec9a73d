import { FluxError } from '@flux/errors';
import { mergeConfig } from './config/transformer-config.ts';
import { BuildError, quote, withPrefix } from './errors.ts';
import { isRemoteFile, type Loader } from './loader/loader.ts';
import { parseRepository } from './loader/repository.ts';
import { isMalformedYaml, parseNamedFile } from './manifest-file.ts';
import { appendOrigin, formatOrigin, originAnnotation } from './origin.ts';
import { ResourceSet } from './resource-set.ts';
import { type Accumulation, emptyAccumulation, openTarget, type Target, useOpenApi } from './target.ts';

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
    parent.state.accumulate(target, emptyAccumulation()),
  );
  withPrefix(`recursed merging from path '${loader.root}'`, () => merge(into, gathered));
}

function merge(into: Accumulation, other: Accumulation): void {
  into.resources.appendAll(other.resources.resources);
  into.config = mergeConfig(into.config, other.config);
  into.variables.addAll(other.variables);
}

/** A component works on everything gathered so far; its result takes the place of that. */
export function accumulateComponent(path: string, parent: Target, current: Accumulation): Accumulation {
  const loader = rephrase('loader.New', () => parent.loader.enter(path));
  return rephrase('accumulateDirectory:', () => {
    const target = openBelow(loader, path, parent);
    const { kind } = target.kustomization;
    if (kind !== 'Component')
      throw new BuildError(`expected kind 'Component' for path '${loader.root}' but got '${kind}'`);
    const gathered = withPrefix(`recursed accumulation of path '${loader.root}'`, () =>
      parent.state.accumulate(target, current),
    );
    const result = emptyAccumulation();
    withPrefix(`recursed merging from path '${loader.root}'`, () => merge(result, gathered));
    return result;
  });
}

/** Each level of components doubles the backslashes of what it quotes, so levels above a long message add nothing to it. */
const maxQuoted = 4096;

/** Failures of components are quoted as one Go string. */
function rephrase<T>(prefix: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    if (error.message.length > maxQuoted) throw error;
    throw new BuildError(`${prefix} ${quote(error.message)}`, { cause: error });
  }
}

function openBelow(loader: Loader, path: string, parent: Target): Target {
  const origin = parent.origin === undefined ? undefined : appendOrigin(parent.origin, path);
  const target = withPrefix(`couldn't make target for path '${loader.root}'`, () =>
    openTarget(loader, parent.state, {
      origin,
      outerNamespace: parent.kustomization.namespace || parent.outerNamespace,
    }),
  );
  useOpenApi(target);
  return target;
}
