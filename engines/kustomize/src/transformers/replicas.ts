import { list, struct, unmarshal } from '../config/decode.ts';
import { type FieldSpec, type Setter, setScalar, visitPath } from '../config/field-spec.ts';
import { fieldSpecShape, type Replica, replicaShape } from '../config/kustomization.ts';
import { BuildError } from '../errors.ts';
import { formatGvk, isSelected } from '../gvk.ts';
import { readSlot } from '../json.ts';
import type { Resource } from '../resource.ts';
import type { ResourceSet } from '../resource-set.ts';
import { defineTransformer, type Transformer } from './transformer.ts';

/** `replicas`: the count of workloads by name; a name that matches nothing is an error. */
export const replicaTransformer = defineTransformer({
  name: 'ReplicaCountTransformer',
  fromKustomization: ({ replicas }, config) => replicas.map((replica) => replicaSetter(replica, config.replicas)),
  fromPlugin(raw) {
    const config = unmarshal(pluginShape, raw);
    return replicaSetter(config.replica, config.fieldSpecs);
  },
});

const pluginShape = struct('builtins.ReplicaCountTransformerPlugin', {
  replica: replicaShape,
  fieldSpecs: list(fieldSpecShape, '[]types.FieldSpec'),
});

/** A count in quotes stays in quotes. */
function replicaSetterOf(resource: Resource, count: number): Setter {
  return (holder, key) => {
    const current = readSlot(holder, key);
    const quoted = typeof current === 'string' && current !== '' && resource.isQuoted(String(key), current);
    setScalar(quoted ? String(count) : count)(holder, key);
  };
}

function replicaSetter({ name, count }: Replica, specs: readonly FieldSpec[]): Transformer {
  return {
    transform(resources: ResourceSet) {
      let found = false;
      for (const spec of specs) {
        for (const resource of resources.resources) {
          if (resource.isEmpty) continue;
          const ids = [...resource.previousIds, resource.id];
          if (!ids.some((id) => id.name === name && isSelected(id, spec))) continue;
          found = true;
          if (isSelected(resource.id, spec)) visitPath(resource, spec, replicaSetterOf(resource, count), 'scalar');
        }
      }
      if (found) return;
      const gvks = specs.map(formatGvk).join(' ');
      throw new BuildError(`resource with name ${name} does not match a config with the following GVK [${gvks}]`);
    },
  };
}
