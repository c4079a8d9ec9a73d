import { generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';

/** What a real kube-controller-manager needs of the embedded API server besides a kubeconfig. */
export interface ControllerFiles {
  /** Private key of the tokens of ServiceAccounts. */
  key: string;
  certificate: string;
}

function controllerFiles(data: DataDirectory): ControllerFiles {
  return { key: join(data.cluster, 'service-account.key'), certificate: join(data.cluster, 'ca.crt') };
}

/** The key of the last run, else a new one. */
export async function serviceAccountKey(data: DataDirectory): Promise<string> {
  const { key } = controllerFiles(data);
  try {
    return await readFile(key, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeFile(key, pem, { mode: 0o600 });
  return pem;
}

/** Writes the certificate, and says how to start what is not simulated. */
export async function describeControllers(data: DataDirectory, caPem: string): Promise<string> {
  const { key, certificate } = controllerFiles(data);
  await writeFile(certificate, caPem);
  const flags = [
    `--kubeconfig=${data.kubeconfig}`,
    `--service-account-private-key-file=${key}`,
    `--root-ca-file=${certificate}`,
    '--use-service-account-credentials',
  ];
  return `nothing is simulated; start kube-controller-manager ${flags.join(' ')}`;
}
