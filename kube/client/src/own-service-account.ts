import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@flux/errors';
import { KubeconfigError } from './kubeconfig.ts';

/** Whose token is mounted in the directory, as the token itself says. */
export async function ownServiceAccount(directory: string): Promise<{ namespace: string; name: string }> {
  const path = join(directory, 'token');
  const token = await readFile(path, 'utf8').catch((cause: unknown) => {
    const message = `failed to read service account token file ${path}: ${messageOf(cause)}`;
    throw new KubeconfigError(message, { cause });
  });
  const subject = subjectOf(token);
  const [, , namespace, name, ...rest] = subject.split(':');
  if (!namespace || !name || rest.length > 0) {
    throw new KubeconfigError(`invalid subject format in service account token: ${subject}`);
  }
  return { namespace, name };
}

function subjectOf(token: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const { sub } = claims as { sub?: unknown };
    return typeof sub === 'string' ? sub : '';
  } catch (cause) {
    throw new KubeconfigError(`failed to parse service account token: ${messageOf(cause)}`, { cause });
  }
}
