/* The bucket beside the cluster: reading, writing and listing of objects as S3 answers them. Signatures are not looked at. */
import type http from 'node:http';
import { pipeline } from 'node:stream/promises';
import { FolderBucket } from './FolderBucket.ts';

export async function serveS3(
  bucket: FolderBucket,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const url = new URL(request.url!, 'http://s3');
  const [, ...rest] = url.pathname.split('/').filter(Boolean);
  const key = rest.map(decodeURIComponent).join('/');
  const now = new Date();
  if (request.method === 'PUT') {
    const { digest } = await bucket.put(key, unchunked(request));
    bucket.note(key, String(request.headers['x-amz-meta-digest'] ?? ''));
    response.writeHead(200, { etag: `"${digest.slice(7, 39)}"` }).end();
    return;
  }
  if (request.method === 'DELETE') {
    await bucket.remove(key);
    response.writeHead(204).end();
    return;
  }
  if (url.searchParams.has('location')) {
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end('<?xml version="1.0"?><LocationConstraint/>');
    return;
  }
  if (key === '') {
    const prefix = url.searchParams.get('prefix') ?? '';
    const found = await bucket.below(prefix);
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated>${found
        .map(
          item =>
            `<Contents><Key>${item.key}</Key><Size>${
              item.sizeBytes
            }</Size><LastModified>${now.toISOString()}</LastModified></Contents>`,
        )
        .join('')}</ListBucketResult>`,
    );
    return;
  }
  const found = await bucket.get(key).catch(() => undefined);
  if (!found) {
    response.writeHead(404, { 'content-type': 'application/xml' });
    response.end(
      '<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>not there</Message></Error>',
    );
    return;
  }
  response.writeHead(200, {
    'content-length': found.sizeBytes,
    // Clients other than ours refuse an answer without these two.
    'last-modified': now.toUTCString(),
    etag: '"0"',
    'x-amz-meta-digest': bucket.noted(key),
  });
  if (request.method === 'HEAD') response.end();
  else await pipeline(found.body, response);
}

// A signed stream comes in pieces, each with a line of its own before it.
async function* unchunked(
  request: http.IncomingMessage,
): AsyncGenerator<Uint8Array> {
  const isChunked = String(
    request.headers['x-amz-content-sha256'] ?? '',
  ).startsWith('STREAMING');
  if (!isChunked) {
    yield* request as AsyncIterable<Uint8Array>;
    return;
  }
  let rest = Buffer.alloc(0);
  for await (const piece of request) {
    rest = Buffer.concat([rest, piece as Buffer]);
    for (;;) {
      const end = rest.indexOf('\r\n');
      if (end < 0) break;
      const size = parseInt(rest.subarray(0, end).toString(), 16);
      if (size === 0) return;
      if (rest.length < end + 2 + size + 2) break;
      yield rest.subarray(end + 2, end + 2 + size);
      rest = rest.subarray(end + 2 + size + 2);
    }
  }
}
