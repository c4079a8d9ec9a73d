import type { Kustomization } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';
import { conditionOf } from '../objects.ts';
import type { TracedObject } from './find-objects.ts';
import { formatLocalTime } from './local-time.ts';

type Line = readonly [label: string, value: string | undefined];

const labelWidth = 17;

/** Blocks of object, Kustomization and source. */
export function formatReport(traced: TracedObject, owner: Kustomization, source: KubeObject, timeZone: string): string {
  const blocks = [objectLines(traced), ownerLines(owner, timeZone), sourceLines(source, timeZone)];
  const text = blocks.map((lines) =>
    lines
      .filter(isPresent)
      .map(([label, value]) => `${`${label}:`.padEnd(labelWidth)}${value}`)
      .join('\n'),
  );
  return `\n${text.join('\n---\n')}\n`;
}

function isPresent([, value]: Line): boolean {
  return value !== undefined;
}

function objectLines({ object, kind }: TracedObject): Line[] {
  return [
    ['Object', `${kind}/${object.metadata.name}`],
    ['Namespace', object.metadata.namespace],
    ['Status', 'Managed by Flux'],
  ];
}

function ownerLines(owner: Kustomization, timeZone: string): Line[] {
  const { spec, status, metadata } = owner;
  return [
    ['Kustomization', metadata.name],
    ['Namespace', metadata.namespace],
    ['Target', spec.targetNamespace],
    ['Path', spec.path ?? ''],
    ['Revision', status?.lastAppliedRevision ?? ''],
    ...statusLines(owner, timeZone),
  ];
}

function sourceLines(source: KubeObject, timeZone: string): Line[] {
  const { spec, status } = source;
  const { tag, semver, branch } = spec?.ref ?? {};
  const annotations: Record<string, string> = status?.artifact?.metadata ?? {};
  const isOci = source.kind === 'OCIRepository';
  return [
    [source.kind, source.metadata.name],
    ['Namespace', source.metadata.namespace],
    ['URL', spec?.url],
    ['Tag', tag ?? semver],
    ['Branch', isOci || tag || semver ? undefined : branch],
    ['Revision', status?.artifact?.revision],
    ['Origin Revision', isOci ? annotations['org.opencontainers.image.revision'] : undefined],
    ['Origin Source', isOci ? annotations['org.opencontainers.image.source'] : undefined],
    ...statusLines(source, timeZone),
  ];
}

function statusLines(object: KubeObject, timeZone: string): Line[] {
  const ready = conditionOf(object, 'Ready') as
    | { status: string; message: string; lastTransitionTime: string }
    | undefined;
  if (!ready) return [['Status', 'Unknown']];
  const what = ready.status === 'False' ? 'Last reconciliation failed at' : 'Last reconciled at';
  return [
    ['Status', `${what} ${formatLocalTime(ready.lastTransitionTime, timeZone)}`],
    ['Message', ready.message],
  ];
}
