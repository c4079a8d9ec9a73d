import { type GitRepository, gitRepository } from '@flux/api';
import { formatDuration } from '@flux/gotypes';
import { defineCommand } from '../command/command.ts';
import { UsageError } from '../command/errors.ts';
import { gitRepositoryView } from '../kinds/git-repository.ts';
import { createSourceFlags } from './flags.ts';
import { credentialsSecret } from './git-credentials.ts';
import { type GitFlags, type GitProvider, gitFlags } from './git-flags.ts';
import { parseLabels, requireName } from './metadata.ts';
import { printManifests, submitSource } from './submit.ts';

const title = 'GitRepository source';

export default defineCommand({
  usage: '[name]',
  doc: `The create source git command generates a GitRepository resource and waits for it to sync.
For private Git repositories, the basic authentication credentials are stored in a Kubernetes Secret.`,
  example: `  # Create a source from a public Git repository
  flux create source git podinfo --url=https://github.com/stefanprodan/podinfo --branch=master

  # Follow a semver range of tags
  flux create source git podinfo --url=https://github.com/stefanprodan/podinfo --tag-semver=">=3.2.0 <3.3.0"`,
  anyNamespace: true,
  inherits: createSourceFlags,
  flags: gitFlags,
  async run(context, { args, flags: values }) {
    const name = requireName(args);
    const url = checkUrl(values);
    const labels = parseLabels(values.label);
    const object: GitRepository = {
      apiVersion: gitRepository.apiVersion,
      kind: gitRepository.kind,
      metadata: { name, namespace: context.namespace, labels },
      spec: specOf(values),
    };
    if (values.export) return printManifests(context, gitRepositoryView.kind, object);
    context.out.generate(`generating ${title}`);
    if (!values['secret-ref']) {
      const secretName = await credentialsSecret(context, object, url, values);
      if (secretName) object.spec.secretRef = { name: secretName };
    }
    await submitSource(context, gitRepositoryView.kind, object, title);
  },
});

function checkUrl(values: GitFlags): URL {
  if (!values.url) throw new UsageError('url is required');
  const url = URL.parse(values.url);
  if (!url) throw new UsageError(`git URL parse failed: ${JSON.stringify(values.url)}`);
  const scheme = url.protocol.slice(0, -1);
  if (!['ssh', 'http', 'https'].includes(scheme)) {
    throw new UsageError(`git URL scheme '${scheme}' not supported, can be: ssh, http and https`);
  }
  if (!values.branch && !values.tag && !values['tag-semver'] && !values.commit && !values['ref-name']) {
    throw new UsageError(
      'a Git ref is required, use one of the following: --branch, --tag, --commit, --ref-name or --tag-semver',
    );
  }
  if (values['ca-file'] && scheme === 'ssh')
    throw new UsageError('specifying a CA file is not supported for Git over SSH');
  return url;
}

function specOf(values: GitFlags): GitRepository['spec'] {
  const [secret, proxy] = [values['secret-ref'], values['proxy-secret-ref']];
  return {
    url: values.url,
    interval: formatDuration(values.interval),
    ref: referenceOf(values),
    ...(values['fetch-timeout'] > 0 ? { timeout: formatDuration(values['fetch-timeout']) } : {}),
    ...(values['recurse-submodules'] ? { recurseSubmodules: true } : {}),
    ...(values['ignore-paths'].length > 0 ? { ignore: values['ignore-paths'].join('\n') } : {}),
    ...(values['sparse-checkout-paths'].length > 0 ? { sparseCheckout: [...values['sparse-checkout-paths']] } : {}),
    ...(values.provider ? { provider: values.provider as GitProvider } : {}),
    ...(secret ? { secretRef: { name: secret } } : {}),
    ...(proxy ? { proxySecretRef: { name: proxy } } : {}),
  };
}

/** The most particular reference wins; a commit can be looked for in a branch. */
function referenceOf(values: GitFlags): NonNullable<GitRepository['spec']['ref']> {
  if (values.commit) return { commit: values.commit, ...(values.branch ? { branch: values.branch } : {}) };
  if (values['ref-name']) return { name: values['ref-name'] };
  if (values['tag-semver']) return { semver: values['tag-semver'] };
  if (values.tag) return { tag: values.tag };
  return { branch: values.branch };
}
