import type { IncomingMessage, ServerResponse } from 'node:http';

export interface BasicAuth {
  username: string;
  password: string;
}

/** Answers a request without the user and password, where they are asked for; true if it did. */
export function refuseStranger(
  auth: BasicAuth | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const expected = auth && `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  if (expected === undefined || request.headers.authorization === expected) return false;
  response.writeHead(401, { 'www-authenticate': 'Basic realm="charts"' }).end('Unauthorized');
  return true;
}
