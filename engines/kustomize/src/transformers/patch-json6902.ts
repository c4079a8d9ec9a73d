import type { JsonValue } from '@flux/apimachinery';
import { optional, struct, text, unmarshal } from '../config/decode.ts';
import { type Selector, selector } from '../config/kustomization.ts';
import { BuildError, withPrefix } from '../errors.ts';
import { parseJsonPatch } from '../merge/json-patch.ts';
import { select } from '../selector.ts';
import { applyOperations } from './apply-patch.ts';
import { compact, configure, defineTransformer, type PluginContext, type Transformer } from './transformer.ts';

/** `patchesJson6902`: operations on the resources of a target, which must be named. */
export const patchJson6902Transformer = defineTransformer({
  name: 'PatchJson6902Transformer',
  fromKustomization: ({ patchesJson6902 = [] }, _config, context) =>
    patchesJson6902.map(({ target, path, patch }) => {
      const describe = (): JsonValue =>
        compact({ target: target === undefined ? undefined : compact({ ...target }), path, jsonOp: patch });
      return configure('PatchJson6902Transformer', describe, () =>
        makeOperator({ target, path, jsonOp: patch }, context),
      );
    }),
  fromPlugin: (raw, context) => makeOperator(unmarshal(pluginShape, raw), context),
});

const pluginShape = struct('builtins.PatchJson6902TransformerPlugin', {
  target: optional(selector),
  path: text,
  jsonOp: text,
});

interface OperatorConfig {
  readonly target: Selector | undefined;
  readonly path: string;
  readonly jsonOp: string;
}

function makeOperator({ target, path, jsonOp }: OperatorConfig, { loader, copies }: PluginContext): Transformer {
  if (target === undefined || target.name === '') throw new BuildError('must specify the target name');
  if (path === '' && jsonOp === '') throw new BuildError('empty file path and empty jsonOp');
  if (path !== '' && jsonOp !== '') throw new BuildError('must specify a file path or jsonOp, not both');
  const content = path === '' ? jsonOp : loader.loadText(path);
  if (content === '') throw new BuildError(`patch file '${path}' empty seems to be empty`);
  const operations = withPrefix(`decoding ${content}`, () => parseJsonPatch(content));
  if (operations.length === 0) throw new BuildError(`patch appears to be empty; file=${path}, JsonOp=${content}`);
  return {
    transform(resources) {
      for (const resource of select(resources, target)) applyOperations(resources, resource, operations, copies);
    },
  };
}
