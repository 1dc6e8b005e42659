/* Bodies of requests and answers. */
import type http from 'node:http';
import type { Fault, KubeObject } from './objects.ts';
import type { Target } from './targets.ts';

/** What a delete answers. */
export const doneTo = (
  { metadata: { name, uid } }: KubeObject,
  { group, resource }: Target,
) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { name, group, kind: resource, uid },
});

export const statusOf = ({ code, reason, message }: Fault) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
});

export function send(
  response: http.ServerResponse,
  code: number,
  body: unknown,
): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export async function readBody(request: http.IncomingMessage): Promise<any> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  return text ? JSON.parse(text) : undefined;
}
