import type { SourceRun } from './source-run.ts';

/** The decoded values of a Secret beside the object; a failure is thrown as the API server words it. */
export async function readSecret(run: SourceRun, name: string): Promise<Map<string, string>> {
  const { namespace = '' } = run.object.metadata;
  const secret = await run.cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace, name }, { signal: run.signal });
  const data: unknown = secret['data'];
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  return new Map(entries.map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]));
}
