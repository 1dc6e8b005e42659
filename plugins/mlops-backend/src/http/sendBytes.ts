import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const shown: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  json: 'application/json',
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  md: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
};

/** Sends bytes that a step made: shown when the kind is harmless, else as a download; never run by a browser. */
export async function sendBytes(
  response: Response,
  name: string,
  content: { body: AsyncIterable<Uint8Array>; sizeBytes?: number },
): Promise<void> {
  const type = shown[name.split('.').pop()!.toLowerCase()];
  response.set({
    'content-type': type ?? 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, max-age=0',
    ...(type
      ? {}
      : {
          'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(
            name,
          )}`,
        }),
    ...(content.sizeBytes !== undefined
      ? { 'content-length': String(content.sizeBytes) }
      : {}),
  });
  await pipeline(Readable.from(content.body), response);
}
