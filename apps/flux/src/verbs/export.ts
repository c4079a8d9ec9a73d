import { manifestOf } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { UsageError } from '../command/errors.ts';
import { boolFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import type { KindView } from '../kinds/kind-view.ts';
import { listAll, refTo } from '../objects.ts';
import { formatDocuments } from '../yaml-documents.ts';
import { defineVerb } from './define-verb.ts';

export const exportVerb = defineVerb({
  verb: 'export',
  doc: 'The export sub-commands export resources in YAML format.',
  summary: ({ kind }) => `Export ${kind.cli.plural} in YAML format`,
  example: ({ kind }) => {
    const words = `flux export ${kind.cli.command.join(' ')}`;
    return `  # Export all objects of the namespace\n  ${words} --all > objects.yaml\n\n  # Export one object\n  ${words} podinfo > podinfo.yaml`;
  },
  persistentFlags: { all: boolFlag('select all resources') },
  flags: { 'with-credentials': boolFlag('include credential secrets') },
  hasFlag: ({ kind }) => kind.group.startsWith('source.'),
  async run(context, { view, args, flags }) {
    const objects = await selectObjects(context, view, args[0], flags.all);
    for (const object of objects) {
      const secret = flags['with-credentials'] ? await findSecret(context, object) : undefined;
      context.out.data(await formatDocuments([manifestOf(view.kind, object), ...(secret ? [secret] : [])]));
      if (secret) return; // kept from flux: with --all the output ends after the first object that has a secret
    }
  },
});

async function selectObjects(
  context: Context,
  { kind }: KindView,
  name: string | undefined,
  all: boolean,
): Promise<KubeObject[]> {
  const { namespace } = context;
  if (!all && !name) throw new UsageError('name is required');
  const cluster = await context.cluster();
  if (name && !all) return [await cluster.get(refTo(kind, namespace, name))];
  const objects = await listAll(cluster, kind, { namespace });
  if (objects.length === 0) throw new UsageError(`no objects found in ${namespace} namespace`);
  return objects;
}

async function findSecret({ cluster }: Context, object: KubeObject): Promise<KubeObject | undefined> {
  const name: unknown = object['spec']?.secretRef?.name;
  const { namespace = '' } = object.metadata;
  if (typeof name !== 'string') return undefined;
  const secret = await (await cluster()).get({ apiVersion: 'v1', kind: 'Secret', namespace, name });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    ...(secret['data'] ? { data: secret['data'] } : {}),
    ...(secret['type'] ? { type: secret['type'] } : {}),
  };
}
