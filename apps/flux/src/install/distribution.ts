import { kustomizationNamespaceLabel, partOfLabel, versionLabel } from '@flux/api';
import { isNotFound } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';

const managedByLabel = 'app.kubernetes.io/managed-by';
const crd = 'gitrepositories.source.toolkit.fluxcd.io';

/** What the labels of Flux's definitions tell about the installation in a cluster. */
interface Distribution {
  version: string;
  /** `flux-v2.9.0`; the version alone when the part-of label is missing. */
  name: string;
  bootstrapped: boolean;
  managedBy: string;
}

/** `undefined` when Flux is not installed. */
export async function findDistribution(cluster: Cluster): Promise<Distribution | undefined> {
  try {
    return await getDistribution(cluster);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

export async function getDistribution(cluster: Cluster): Promise<Distribution> {
  const object = await cluster.get({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: crd,
  });
  const labels = object.metadata.labels ?? {};
  const version = labels[versionLabel] ?? '';
  const partOf = labels[partOfLabel];
  return {
    version,
    name: partOf && version ? `${partOf}-${version}` : version,
    bootstrapped: labels[kustomizationNamespaceLabel] !== undefined,
    managedBy: labels[managedByLabel] ?? '',
  };
}
