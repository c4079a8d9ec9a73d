import { basename } from 'node:path/posix';
import { compareCodePoints } from '@flux/gotypes';
import type { Hook, HookEvent } from '../release/release.ts';
import type { Warn } from '../values/warning.ts';
import { installOrder, sortByKind } from './kind-order.ts';
import { type ManifestHead, readHead } from './manifest-head.ts';
import { isBlank, splitManifests } from './split-manifests.ts';

/** One document of a rendered file. */
export interface Manifest {
  /** The file's path, `chart/templates/x.yaml`. */
  path: string;
  text: string;
  apiVersion: string;
  kind: string;
}

export interface SortedManifests {
  hooks: Hook[];
  manifests: Manifest[];
}

export interface SortOptions {
  order?: readonly string[];
  /** Hears of documents with an event that does not exist, which Helm leaves out (HELM-HOOK-01). */
  warn?: Warn;
}

const events: ReadonlyMap<string, HookEvent> = new Map([
  ...(
    [
      'pre-install',
      'post-install',
      'pre-delete',
      'post-delete',
      'pre-upgrade',
      'post-upgrade',
      'pre-rollback',
      'post-rollback',
      'test',
    ] satisfies HookEvent[]
  ).map((event): [string, HookEvent] => [event, event]),
  // Tests of Helm 2 are still called so.
  ['test-success', 'test'],
]);

/** Rendered files as hooks and other documents, each in the order of kinds; partials and empty files are left out. */
export function sortManifests(files: ReadonlyMap<string, string>, options: SortOptions = {}): SortedManifests {
  const order = options.order ?? installOrder;
  const hooks: Hook[] = [];
  const manifests: Manifest[] = [];
  for (const path of [...files.keys()].sort(compareCodePoints)) {
    if (basename(path).startsWith('_')) continue;
    for (const text of splitManifests(files.get(path) ?? '')) {
      const head = readHead(text, path);
      const types = head.annotations['helm.sh/hook'];
      if (types === undefined) {
        manifests.push({ path, text, apiVersion: head.apiVersion, kind: head.kind });
        continue;
      }
      const hook = parseHook(text, path, head);
      if (hook !== undefined) hooks.push(hook);
      else options.warn?.({ level: 'INFO', message: 'skipping unknown hooks', attributes: { hookTypes: types } });
    }
  }
  return {
    hooks: sortByKind(hooks, ({ kind }) => kind, order),
    manifests: sortByKind(manifests, ({ kind }) => kind, order),
  };
}

/** The hooks of a text of documents in the order of kinds: those of a rendered file or of a stored manifest. */
export function parseHooks(text: string, path: string): Hook[] {
  return sortManifests(new Map([[path, text]])).hooks;
}

function parseHook(manifest: string, path: string, head: ManifestHead): Hook | undefined {
  const names = listOf(head.annotations['helm.sh/hook'] ?? '').map((name) => events.get(name));
  if (names.includes(undefined)) return undefined;
  const weight = weightOf(head.annotations['helm.sh/hook-weight']);
  const deletePolicies = head.annotations['helm.sh/hook-delete-policy'];
  const logPolicies = head.annotations['helm.sh/hook-output-log-policy'];
  return {
    name: head.name,
    kind: head.kind,
    path,
    manifest,
    events: names.filter((event) => event !== undefined),
    last_run: { phase: '' },
    ...(weight === 0 ? {} : { weight }),
    ...(deletePolicies === undefined ? {} : { delete_policies: listOf(deletePolicies) }),
    ...(logPolicies === undefined ? {} : { output_log_policies: listOf(logPolicies) }),
  };
}

function listOf(text: string): string[] {
  return text.split(',').map((item) => item.trim().toLowerCase());
}

/** Go's `strconv.Atoi`; what it refuses counts as 0 (HELM-HOOK-02). */
function weightOf(text = ''): number {
  const weight = /^[+-]?\d+$/.test(text) ? BigInt(text.replace(/^\+/, '')) : 0n;
  return BigInt.asIntN(64, weight) === weight ? Number(weight) : 0;
}

/** Documents as a release stores them, each under its `# Source:` line (HELM-MAN-04). */
export function formatManifests(manifests: readonly { path: string; text: string }[]): string {
  return manifests.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`).join('');
}

/** Whether a rendered file holds nothing to apply. */
export function isEmptyFile(path: string, text: string): boolean {
  return basename(path).startsWith('_') || isBlank(text);
}
