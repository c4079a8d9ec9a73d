import type { JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { list, struct, text, unmarshal } from '../config/decode.ts';
import { patchText } from '../config/kustomization.ts';
import { BuildError } from '../errors.ts';
import { parseResources } from '../manifest.ts';
import { parseNamedFile } from '../manifest-file.ts';
import type { Resource } from '../resource.ts';
import { patchSelected } from './apply-patch.ts';
import { configure, defineTransformer, type PluginContext, type Transformer } from './transformer.ts';

/** `patchesStrategicMerge`: each entry is a patch or the path of one; its own id names the target. */
export const patchStrategicMergeTransformer = defineTransformer({
  name: 'PatchStrategicMergeTransformer',
  fromKustomization({ patchesStrategicMerge: paths = [] }, _config, context) {
    if (paths.length === 0) return [];
    const describe = (): JsonValue => ({ paths });
    return [configure('PatchStrategicMergeTransformer', describe, () => makeMerger({ paths, patches: '' }, context))];
  },
  fromPlugin: (raw, context) => makeMerger(unmarshal(pluginShape, raw), context),
});

const pluginShape = struct('builtins.PatchStrategicMergeTransformerPlugin', {
  paths: list(patchText, '[]types.PatchStrategicMerge'),
  patches: text,
});

interface MergerConfig {
  readonly paths: readonly string[];
  readonly patches: string;
}

function makeMerger({ paths, patches }: MergerConfig, context: PluginContext): Transformer {
  if (paths.length === 0 && patches === '') throw new BuildError('empty file path and empty patch content');
  const merges = paths.flatMap((path) => loadPatch(path, context));
  if (patches !== '') merges.push(...parseResources(patches, context.schemas));
  if (merges.length === 0) {
    throw new BuildError(`patch appears to be empty; files=[${paths.join(' ')}], Patch=${patches}`);
  }
  return {
    transform(resources) {
      for (const merge of merges) {
        const target = resources.getPatchTarget(merge.originalId);
        patchSelected(resources, [target], merge, context.schemas);
      }
    },
  };
}

/** For legacy reasons a text that parses as resources is a patch; anything else is a path. */
function loadPatch(path: string, { loader, schemas }: PluginContext): Resource[] {
  if (path.includes('\n') || path.includes('{') || path.trim() === '') {
    try {
      return parseResources(path, schemas);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
    }
  }
  return parseNamedFile(path, loader, schemas);
}
