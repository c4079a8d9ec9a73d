import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '@flux/crypto';
import { newSigningKey } from '../auth/tokens.ts';

/** What identifies this server; kept in the data directory so that kubeconfigs survive a restart. */
export interface Credentials {
  caPem: string;
  caKeyPem: string;
  certPem: string;
  keyPem: string;
  /** Signs tokens of ServiceAccounts; not made before it is needed when nothing is kept. */
  signingKeyPem: string | undefined;
  adminToken: string;
}

const years = 10;

/** Reads the credentials of a data directory, making them on first use; without a directory they live in memory. */
export async function loadCredentials(directory: string | undefined, host: string): Promise<Credentials> {
  const path = directory ? join(directory, 'credentials.json') : undefined;
  const known = path ? readKnown(path) : undefined;
  const authority = known
    ? { certPem: known.caPem, keyPem: known.caKeyPem }
    : await createAuthority({ commonName: authorityName(), days: 365 * years });
  // The serving certificate is new each time, since the address may have changed.
  const serving = await issueCertificate(authority, {
    commonName: 'kube-apiserver',
    usage: 'server',
    days: 365,
    dnsNames: [
      'localhost',
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      ...(isAddress(host) ? [] : [host]),
    ],
    ipAddresses: [
      ...new Set(['127.0.0.1', '::1', '10.0.0.1', ...(isAddress(host) && host !== '0.0.0.0' ? [host] : [])]),
    ],
  });
  const credentials: Credentials = {
    caPem: authority.certPem,
    caKeyPem: authority.keyPem,
    certPem: serving.certPem,
    keyPem: serving.keyPem,
    signingKeyPem: known?.signingKeyPem ?? (path ? newSigningKey() : undefined),
    adminToken: known?.adminToken ?? randomBytes(32).toString('base64url'),
  };
  if (path && !known) {
    mkdirSync(directory!, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  }
  return credentials;
}

/**
 * The time tells authorities apart, as in kube-apiserver's own. The `@` also matters: Go compares the names in a chain byte
 * by byte, and with it the issuer is written in the same string type in both certificates.
 */
function authorityName(): string {
  return `flux-ca@${Math.floor(Date.now() / 1000)}`;
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

function readKnown(path: string): Credentials | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Credentials;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A kubeconfig (YAML, JSON being a part of it) for the administrator. */
export function formatKubeconfig(url: string, { caPem, adminToken }: Credentials): string {
  const ca = Buffer.from(caPem).toString('base64');
  return [
    'apiVersion: v1',
    'kind: Config',
    'current-context: flux',
    'clusters:',
    '- name: flux',
    '  cluster:',
    `    server: ${url}`,
    `    certificate-authority-data: ${ca}`,
    'users:',
    '- name: admin',
    '  user:',
    `    token: ${adminToken}`,
    'contexts:',
    '- name: flux',
    '  context:',
    '    cluster: flux',
    '    user: admin',
    '',
  ].join('\n');
}
