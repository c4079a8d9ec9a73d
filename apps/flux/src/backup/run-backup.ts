import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { formatBinaryBytes } from '@flux/gotypes';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { version } from '../version.ts';
import { BackupError } from './backup-error.ts';
import { collectAll } from './collect-all.ts';
import { collectFlux } from './collect-flux.ts';
import { openState } from './open-state.ts';
import { readAtOneRevision } from './snapshot.ts';
import { writeArchive } from './write-archive.ts';

export interface BackupOptions {
  all: boolean;
  namespace?: string;
  secrets: boolean;
  recipients: readonly string[];
  dataDirectory?: string;
  /** Empty for the default, `-` for the standard output. */
  output: string;
}

/** Reads, packs, encrypts and writes; nothing is on disk before it is complete. */
export async function runBackup(context: Context, options: BackupOptions): Promise<void> {
  const { out } = context;
  const { all, namespace, secrets, recipients } = options;
  if (options.output === '-' && context.isTerminal) {
    throw new UsageError('the archive is not for a terminal; give a file with --output');
  }
  await using state = await openState(context, options.dataDirectory, { create: false });
  if (all && !state.isEmbedded) {
    throw new BackupError(`--all is for the API server of "flux up"; this is Kubernetes ${state.kubernetes}`);
  }
  out.action(`reading ${all ? 'the whole state' : 'objects of Flux'} in ${namespace ?? 'all namespaces'}`);
  const { objects, warnings } = await collect(context, options, state.cluster);
  for (const warning of warnings.sort()) out.warning(warning);
  if (objects.length === 0) throw new BackupError(`there is nothing to back up in ${namespace ?? 'any namespace'}`);
  out.success(`read ${describeCounts(objects)}`);
  const facts = {
    createdAt: context.now().toISOString(),
    flux: version,
    kubernetes: state.kubernetes,
    scope: all ? ('all' as const) : ('flux' as const),
    ...(namespace === undefined ? {} : { namespace }),
    secrets,
  };
  const archive = await writeArchive(objects, facts);
  await write(context, options, await encrypt(archive, recipients));
  const holdsSecrets = objects.some(({ kind }) => kind === 'Secret');
  if (holdsSecrets && recipients.length === 0) {
    out.warning(
      'the archive holds Secrets that anyone can read; --age-recipient encrypts it, --no-secrets leaves them out',
    );
  }
}

async function collect(context: Context, options: BackupOptions, cluster: Parameters<typeof readAtOneRevision>[0]) {
  return readAtOneRevision(cluster, context.signal, async (snapshot) => {
    // A second attempt begins with none: what was missing may be there now.
    const warnings: string[] = [];
    const read = options.all ? collectAll : collectFlux;
    const { namespace, secrets } = options;
    const warn = (text: string) => void warnings.push(text);
    const objects = await read(snapshot, { ...(namespace === undefined ? {} : { namespace }), secrets, warn });
    return { objects, warnings };
  });
}

async function encrypt(archive: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  if (recipients.length === 0) return archive;
  const { encryptAge } = await import('@flux/crypto');
  return encryptAge(archive, recipients);
}

async function write(context: Context, { output, recipients }: BackupOptions, bytes: Uint8Array): Promise<void> {
  if (output === '-') return context.out.data(bytes);
  const isEncrypted = recipients.length > 0;
  const name = output || `flux-backup.tar.gz${isEncrypted ? '.age' : ''}`;
  const path = resolve(context.cwd, name);
  const partial = `${path}.${process.pid}.partial`;
  try {
    await writeFile(partial, bytes, { mode: 0o600 });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw new BackupError(`cannot write ${name}`, { cause: error });
  }
  const encrypted = isEncrypted
    ? `, encrypted for ${recipients.length} ${recipients.length === 1 ? 'key' : 'keys'}`
    : '';
  context.out.success(`${name} written, ${formatBinaryBytes(bytes.length)}${encrypted}`);
}

/** `12 objects: 3 Kustomization, 9 Secret`. */
function describeCounts(objects: readonly KubeObject[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, count]) => `${count} ${kind}`);
  return `${objects.length} objects: ${kinds.join(', ')}`;
}
