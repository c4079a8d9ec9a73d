import type { JsonObject } from '@flux/apimachinery';
import { namedText, struct, text, unmarshal } from '../config/decode.ts';
import { BuildError } from '../errors.ts';
import { Resource } from '../resource.ts';
import { defineGenerator } from './generator.ts';

const args = 'IAMPolicyGeneratorArgs';
const shape = struct(
  'builtins.IAMPolicyGeneratorPlugin',
  {
    cloud: namedText('types.Cloud'),
    kubernetesService: struct('types.KubernetesService', { namespace: text, name: text }),
    serviceAccount: struct('types.ServiceAccount', { name: text, projectId: text }),
  },
  { cloud: args, kubernetesService: args, serviceAccount: args },
);

/** A service account bound to a cloud identity; only GKE is known. */
export const iamPolicyGenerator = defineGenerator({
  name: 'IAMPolicyGenerator',
  fromPlugin(raw, { schemas }) {
    const { cloud, kubernetesService, serviceAccount } = unmarshal(shape, raw);
    return {
      generate() {
        if (cloud !== 'gke') throw new BuildError(`cloud provider ${cloud} not supported yet`);
        const account = `${serviceAccount.name}@${serviceAccount.projectId}.iam.gserviceaccount.com`;
        const metadata: JsonObject = {
          annotations: { 'iam.gke.io/gcp-service-account': account },
          name: kubernetesService.name,
        };
        if (kubernetesService.namespace !== '') metadata['namespace'] = kubernetesService.namespace;
        return [new Resource({ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, schemas)];
      },
    };
  },
});
