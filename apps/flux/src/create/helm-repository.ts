import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type HelmRepository, helmRepository } from '@flux/api';
import { formatDuration } from '@flux/gotypes';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { boolFlag, checkedFlag, type FlagValues, stringFlag } from '../command/flag.ts';
import type { Context } from '../context.ts';
import { helmRepositoryView } from '../kinds/helm-repository.ts';
import { applyCredentials } from './credentials-secret.ts';
import { createSourceFlags } from './flags.ts';
import { parseLabels, requireName } from './metadata.ts';
import { printManifests, submit, submitSource } from './submit.ts';

const title = 'HelmRepository source';
const providers = ['generic', 'aws', 'azure', 'gcp'] as const;
type Provider = (typeof providers)[number];

const flags = {
  'ca-file': stringFlag('TLS authentication CA file path'),
  'cert-file': stringFlag('TLS authentication cert file path'),
  'key-file': stringFlag('TLS authentication key file path'),
  'oci-provider': checkedFlag('OCI provider for authentication', 'ociProvider', (text) => {
    if (text === '' || providers.some((provider) => provider === text)) return text;
    throw new UsageError(`OCI provider '${text}' is not supported, must be one of: ${providers.join(', ')}`);
  }),
  'pass-credentials': boolFlag('pass credentials to all domains'),
  password: stringFlag('basic authentication password', { short: 'p' }),
  'secret-ref': stringFlag('the name of an existing secret containing TLS, basic auth or docker-config credentials'),
  url: stringFlag('Helm repository address'),
  username: stringFlag('basic authentication username', { short: 'u' }),
};

type Flags = FlagValues<typeof flags & typeof createSourceFlags>;

export default defineCommand({
  usage: '[name]',
  doc: `The create source helm command generates a HelmRepository resource and waits for it to fetch the index.
For private Helm repositories, the basic authentication credentials are stored in a Kubernetes Secret.`,
  example: `  # Create a source for an HTTPS public Helm repository
  flux create source helm podinfo --url=https://stefanprodan.github.io/podinfo --interval=10m

  # Create a source for an OCI Helm repository
  flux create source helm podinfo --url=oci://ghcr.io/stefanprodan/charts/podinfo --secret-ref=docker-config`,
  anyNamespace: true,
  inherits: createSourceFlags,
  flags,
  async run(context, { args, flags: values }) {
    const name = requireName(args);
    if (!values.url) throw new UsageError('url is required');
    checkUrl(values.url);
    const object: HelmRepository = {
      apiVersion: helmRepository.apiVersion,
      kind: helmRepository.kind,
      metadata: { name, namespace: context.namespace, labels: parseLabels(values.label) },
      spec: specOf(values),
    };
    if (values.export) return printManifests(context, helmRepositoryView.kind, object);
    await apply(context, object, values);
  },
});

function checkUrl(text: string): void {
  const url = URL.parse(text);
  if (!url) throw new UsageError(`url parse failed: ${JSON.stringify(text)}`);
  const scheme = url.protocol.slice(0, -1);
  if (['http', 'https', 'oci'].includes(scheme)) return;
  throw new UsageError(`url scheme '${scheme}' not supported, can be: http, https and oci`);
}

async function apply(context: Context, object: HelmRepository, values: Flags): Promise<void> {
  context.out.generate(`generating ${title}`);
  if (!values['secret-ref']) await storeCredentials(context, object, values);
  if (object.spec.type !== 'oci') {
    return submitSource(context, helmRepositoryView.kind, object, title, { result: 'source' });
  }
  // it is not reconciled
  await submit(context, helmRepositoryView.kind, object, title, { result: 'source', isReady: () => true });
  context.out.success(`${title} reconciliation completed`);
}

function specOf(values: Flags): HelmRepository['spec'] {
  const { url, interval } = values;
  const secret = values['secret-ref'];
  const provider = values['oci-provider'] as Provider | '';
  const isOci = url.startsWith('oci://');
  return {
    url,
    interval: formatDuration(interval),
    ...(isOci ? { type: 'oci' as const, ...(provider ? { provider } : {}) } : {}),
    ...(values['fetch-timeout'] > 0 ? { timeout: formatDuration(values['fetch-timeout']) } : {}),
    ...(secret ? { secretRef: { name: secret }, passCredentials: values['pass-credentials'] } : {}),
  };
}

/** The credentials of the flags, in a Secret that the source names. */
async function storeCredentials(context: Context, object: HelmRepository, values: Flags): Promise<void> {
  const read = async (path: string) => readFile(resolve(context.cwd, path), 'utf8');
  const data: Record<string, string> = {};
  if (values.username) data['username'] = values.username;
  if (values.password) data['password'] = values.password;
  if (values['cert-file'] && values['key-file']) {
    data['tls.crt'] = await read(values['cert-file']);
    data['tls.key'] = await read(values['key-file']);
  }
  if (values['ca-file']) data['ca.crt'] = await read(values['ca-file']);
  if (Object.keys(data).length === 0) return;
  const name = `helm-${object.metadata.name}`;
  await applyCredentials(context, { name, namespace: context.namespace }, data);
  object.spec.secretRef = { name };
  object.spec.passCredentials = values['pass-credentials'];
}
