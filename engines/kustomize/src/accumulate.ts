import { accumulateComponent, accumulateResources } from './accumulate-resources.ts';
import { loadCrdConfig } from './config/crd-config.ts';
import type { Kustomization } from './config/kustomization.ts';
import { loadConfig, mergeConfig } from './config/transformer-config.ts';
import { withPrefix } from './errors.ts';
import { bindVariables, describeVariable, normaliseVariables } from './finish/variables.ts';
import { runGenerators, runTransformers, runValidators } from './run-plugins.ts';
import type { Accumulation, Target } from './target.ts';

/** Gathers a kustomization: resources, generated ones, components; then transforms, validates and binds variables. */
export function accumulate(target: Target, into: Accumulation): Accumulation {
  const { kustomization, loader } = target;
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
  addVariables(kustomization.vars ?? [], result);
  return result;
}

function addVariables(
  variables: NonNullable<Kustomization['vars']>,
  { resources, variables: set }: Accumulation,
): void {
  if (variables.length === 0) return;
  const shown = variables.map((variable) => describeVariable(variable, true)).join(' ');
  withPrefix(`merging vars [${shown}]`, () => {
    normaliseVariables(variables);
    bindVariables(resources, variables);
    for (const variable of variables) set.add(variable);
  });
}
