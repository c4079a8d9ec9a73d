import type { SourceRun } from './source-run.ts';

/** A Secret with its values decoded. */
export interface SecretContent {
  /** `namespace/name`, as messages call it. */
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly data: ReadonlyMap<string, string>;
}

/** A Secret beside the object; a failure is thrown as the API server words it. */
export async function getSecret(run: SourceRun, name: string): Promise<SecretContent> {
  const { namespace = '' } = run.object.metadata;
  const secret = await run.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, { signal: run.signal });
  const data: unknown = secret['data'];
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  return {
    id: `${namespace}/${name}`,
    name,
    type: String(secret['type'] ?? ''),
    data: new Map(entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()])),
  };
}

/** Only the decoded values. */
export async function readSecret(run: SourceRun, name: string): Promise<ReadonlyMap<string, string>> {
  return (await getSecret(run, name)).data;
}
