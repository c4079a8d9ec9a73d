import { startApiServer } from '@flux/apiserver';
import type { Outcome } from '../outcome.ts';
import { difference } from './compare.ts';
import { Connection } from './connection.ts';
import { Bindings } from './placeholders.ts';

export interface DefaultsCase {
  name: string;
  path: string;
  sent: unknown;
  status: number;
  stored: unknown;
}

/** What the server adds to minimal objects of each kind. */
export async function replayDefaults(cases: readonly DefaultsCase[]): Promise<Outcome[]> {
  const server = await startApiServer({ controllers: false });
  const connection = new Connection(server);
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  try {
    for (const [path, kind, name] of [
      ['/api/v1/namespaces', 'Namespace', 't-defaults'],
      ['/api/v1/namespaces/t-defaults/serviceaccounts', 'ServiceAccount', 'default'],
    ] as const) {
      await connection.send({ method: 'POST', path, headers, body: { apiVersion: 'v1', kind, metadata: { name } } });
    }
    const outcomes: Outcome[] = [];
    for (const { name, path, sent, status, stored } of cases) {
      const answer = await connection.send({ method: 'POST', path, headers, body: sent });
      const options = { unstable: new Set<string>(), bindings: new Bindings() };
      const problem =
        answer.status === status
          ? difference(withoutVolatile(stored), withoutVolatile(answer.body), 'stored', options)
          : `status: want ${status}, got ${answer.status} ${JSON.stringify(answer.body)}`;
      outcomes.push({ id: `defaults/${name}`, ...(problem ? { failure: problem } : {}) });
    }
    return outcomes;
  } finally {
    connection.close();
    await server.close();
  }
}

/** managedFields are not in these recordings; the volume of the token has a random name. */
function withoutVolatile(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, item: unknown) => (key === 'managedFields' ? undefined : item)).replace(
      /kube-api-access-[a-z0-9]{5}/g,
      'kube-api-access-xxxxx',
    ),
  );
}
