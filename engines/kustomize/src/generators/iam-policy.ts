import type { JsonObject } from '@flux/apimachinery';
import { struct, text } from '../config/decode.ts';
import { BuildError } from '../errors.ts';
import { Resource } from '../resource.ts';
import { pluginPlace } from '../transformers/transformer.ts';
import { defineGenerator } from './generator.ts';

const shape = struct('IAMPolicyGenerator', {
  cloud: text,
  kubernetesService: struct('ServiceAccount', { namespace: text, name: text }),
  serviceAccount: struct('ServiceAccount', { name: text, projectId: text }),
});

/** A service account bound to a cloud identity; only GKE is known. */
export const iamPolicyGenerator = defineGenerator({
  name: 'IAMPolicyGenerator',
  fromPlugin(raw, { schemas }) {
    const { cloud, kubernetesService, serviceAccount } = shape(raw, pluginPlace);
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
