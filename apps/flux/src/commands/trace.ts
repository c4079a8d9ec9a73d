import { defineCommand } from '../command/command.ts';
import { stringFlag } from '../command/flag.ts';

export const trace = defineCommand({
  usage: '<resource> <name> [<name> ...]',
  doc: `The trace command shows how one or more objects are managed by Flux,
from which source and revision they come, and what's the latest reconciliation status.`,
  example: `  # Trace a Kubernetes Deployment
  flux trace -n apps deployment my-app

  # Trace a Kubernetes Pod and a config map
  flux trace -n redis pod/redis-master-0 cm/redis

  # Trace a Kubernetes custom resource object
  flux trace my-cert --kind=Certificate --api-version=cert-manager.io/v1 -n certs`,
  flags: {
    'api-version': stringFlag("the Kubernetes object API version, e.g. 'apps/v1'"),
    kind: stringFlag("the Kubernetes object kind, e.g. Deployment'"),
  },
  async run(context, { args, flags }) {
    const { traceObjects } = await import('../trace/trace-objects.ts');
    await traceObjects(context, args, { kind: flags.kind, apiVersion: flags['api-version'] });
  },
});
