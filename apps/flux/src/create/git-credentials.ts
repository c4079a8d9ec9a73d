import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { GitRepository } from '@flux/api';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { applyCredentials } from './credentials-secret.ts';
import type { GitFlags } from './git-flags.ts';

/** Stores the credentials that the flags hold in a Secret with the source's name; returns its name when there are any. */
export async function credentialsSecret(
  context: Context,
  { metadata }: GitRepository,
  url: URL,
  flags: GitFlags,
): Promise<string | undefined> {
  if (url.protocol === 'ssh:') {
    throw new UsageError(
      `making SSH credentials for GitRepository '${metadata.name}' is not supported: create a Secret with identity and known_hosts and name it with --secret-ref`,
    );
  }
  const data: Record<string, string> = {};
  if (flags.username) data['username'] = flags.username;
  if (flags.password) data['password'] = flags.password;
  if (flags['ca-file']) data['ca.crt'] = await readFile(resolve(context.cwd, flags['ca-file']), 'utf8');
  if (Object.keys(data).length === 0) return undefined;
  if (url.protocol === 'http:' && (flags.username || flags.password)) {
    context.out.warning('insecure configuration: credentials configured for an HTTP URL');
  }
  await applyCredentials(context, { name: metadata.name, namespace: metadata.namespace ?? '' }, data);
  return metadata.name;
}
