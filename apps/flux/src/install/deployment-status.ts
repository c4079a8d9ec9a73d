import type { KubeObject } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import type { Context } from '../context.ts';
import { DeadlineError, waitFor } from '../wait-for.ts';

type DeploymentStatus = 'ready' | 'not ready' | 'not found';

/** Waits until a Deployment of the chosen namespace has rolled out; an absent one is not waited for. */
export async function awaitDeployment(
  { namespace, globals, signal }: Context,
  cluster: Cluster,
  name: string,
): Promise<DeploymentStatus> {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
  try {
    return await waitFor<DeploymentStatus>(
      cluster,
      ref,
      (object) => {
        if (!object) return 'not found';
        return hasRolledOut(object) ? 'ready' : undefined;
      },
      { timeoutMs: globals.timeout, signal },
    );
  } catch (error) {
    if (error instanceof DeadlineError) return 'not ready';
    throw error;
  }
}

function hasRolledOut({ metadata, spec, status = {} }: KubeObject): boolean {
  const wanted: number = spec?.replicas ?? 1;
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const isSeen = observedGeneration >= (metadata.generation ?? 0);
  return isSeen && updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= wanted;
}
