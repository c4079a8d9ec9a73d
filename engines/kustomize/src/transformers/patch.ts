import type { JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { unmarshal } from '../config/decode.ts';
import { type Patch, patchPluginShape } from '../config/kustomization.ts';
import { BuildError, messageOf, quote, withPrefix } from '../errors.ts';
import { parseResources } from '../manifest.ts';
import { type Operation, parseJsonPatch } from '../merge/json-patch.ts';
import type { Resource } from '../resource.ts';
import { formatId } from '../resource-id.ts';
import type { ResourceSet } from '../resource-set.ts';
import { select } from '../selector.ts';
import { applyOperations, applyStrategicPatch, patchSelected } from './apply-patch.ts';
import { compact, configure, defineTransformer, type PluginContext, type Transformer } from './transformer.ts';

/** `patches`: strategic merge or JSON 6902, told apart by what parses; targets by selector or by the patch's own id. */
export const patchTransformer = defineTransformer({
  name: 'PatchTransformer',
  fromKustomization: ({ patches }, _config, context) =>
    patches.map((patch) =>
      configure(
        'PatchTransformer',
        () => describePatch(patch),
        () => makePatcher(patch, context, () => describePatch(patch)),
      ),
    ),
  fromPlugin: (raw, context) => makePatcher(unmarshal(patchPluginShape, raw), context, () => raw),
});

function describePatch({ path, patch, target, options }: Patch): JsonValue {
  return compact({
    path,
    patch,
    target: target === undefined ? undefined : compact({ ...target }),
    options: options === undefined ? undefined : compact({ ...options }),
  });
}

interface PatchSource {
  readonly text: string;
  /** How messages name the patch. */
  readonly label: string;
}

function makePatcher(patch: Patch, context: PluginContext, describe: () => JsonValue): Transformer {
  const source = readSource(patch, context, describe);
  const merges = attempt(() => parseResources(source.text, context.schemas));
  const operations = attempt(() => parseJsonPatch(source.text));
  if (Array.isArray(merges) && Array.isArray(operations) && merges.length > 0 && operations.length > 0) {
    throw new BuildError(`illegally qualifies as both an SM and JSON patch: ${source.label}`);
  }
  if (Array.isArray(merges)) {
    for (const merge of merges) {
      merge.spellAnnotations();
      merge.allowsNameChange ||= patch.options?.allowNameChange ?? false;
      merge.allowsKindChange ||= patch.options?.allowKindChange ?? false;
    }
    return { transform: (resources) => mergeAll(resources, merges, patch, { ...context, label: source.label }) };
  }
  if (!Array.isArray(operations)) throw new BuildError(`unable to parse SM or JSON patch from ${source.label}`);
  return { transform: (resources) => operateAll(resources, operations, patch, { ...context, label: source.label }) };
}

function attempt<T>(parse: () => T): T | Error {
  try {
    return parse();
  } catch (error) {
    if (error instanceof FluxError) return error;
    throw error;
  }
}

function readSource(patch: Patch, { loader }: PluginContext, describe: () => JsonValue): PatchSource {
  const text = patch.patch.trim();
  if (text === '' && patch.path === '')
    throw new BuildError(`must specify one of patch and path in\n${show(describe)}`);
  if (text !== '' && patch.path !== '') {
    throw new BuildError(`patch and path can't be set at the same time\n${show(describe)}`);
  }
  if (text !== '') return { text, label: `[patch: ${quote(text)}]` };
  const loaded = withPrefix(`failed to get the patch file from path(${patch.path})`, () => loader.loadText(patch.path));
  return { text: loaded, label: `[path: ${quote(patch.path)}]` };
}

function show(describe: () => JsonValue): string {
  return JSON.stringify(describe());
}

function mergeAll(
  resources: ResourceSet,
  merges: readonly Resource[],
  { target }: Patch,
  { schemas, label }: PluginContext & { label: string },
): void {
  if (target !== undefined) {
    if (merges.length > 1) {
      throw new BuildError(
        'Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: ' +
          label,
      );
    }
    const [merge] = merges;
    if (merge !== undefined) patchSelected(resources, select(resources, target), merge, schemas);
    return;
  }
  for (const merge of merges) {
    const id = merge.originalId;
    let found: Resource;
    try {
      found = resources.getPatchTarget(id);
    } catch (error) {
      const reason = messageOf(error);
      throw new BuildError(`no resource matches strategic merge patch ${quote(formatId(id))}: ${reason}`, {
        cause: error,
      });
    }
    const before = found.id;
    applyStrategicPatch(found, merge, schemas);
    if (found.isEmpty) resources.emptied();
    if (found.isEmpty || found.id !== before) resources.idsChanged();
  }
  resources.dropEmpty();
}

function operateAll(
  resources: ResourceSet,
  operations: readonly Operation[],
  { target }: Patch,
  { copies, label }: PluginContext & { label: string },
): void {
  if (target === undefined) throw new BuildError(`must specify a target for JSON patch ${label}`);
  for (const resource of select(resources, target)) {
    resource.storePreviousId();
    applyOperations(resources, resource, operations, copies);
  }
}
