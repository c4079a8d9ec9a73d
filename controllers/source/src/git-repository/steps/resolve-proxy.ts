import { isNotFound } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import type { GitProxy } from '@flux/git';
import { fetchFailed, type GitRepositoryRun, readSecret } from '../deps.ts';

const maxAddressLength = 2048;

/** The proxy of `spec.proxySecretRef` (SRC-SEC-02, SRC-GIT-26). */
export async function resolveProxy(run: GitRepositoryRun): Promise<GitProxy | undefined> {
  const { proxySecretRef } = run.object.spec;
  if (!proxySecretRef) return undefined;
  const secretName = `${run.object.metadata.namespace}/${proxySecretRef.name}`;
  try {
    return parseProxy(await readSecret(run, proxySecretRef.name), secretName);
  } catch (error) {
    const text = isNotFound(error) ? `secret '${secretName}' not found` : messageOf(error);
    throw fetchFailed('AuthenticationFailed', `failed to configure proxy options: ${text}`, { cause: error });
  }
}

function parseProxy(data: ReadonlyMap<string, string>, secretName: string): GitProxy {
  const address = data.get('address');
  if (!address) throw new Error(`secret '${secretName}': key 'address' not found`);
  if (address.length > maxAddressLength) throw new Error(`secret '${secretName}': proxy address is too long`);
  if (!URL.canParse(address) || !/^(http|https|socks5):/.test(address)) {
    throw new Error(`secret '${secretName}': proxy URL must have the scheme http, https or socks5`);
  }
  const username = data.get('username');
  const password = data.get('password');
  return { url: address, ...(username ? { username, ...(password ? { password } : {}) } : {}) };
}
