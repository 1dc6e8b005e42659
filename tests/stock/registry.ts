/*
 * A registry of npm packages for a test: it has the packed tarballs and nothing else. Yarn keeps tarballs by name and version; the digest in
 * the address keeps two builds of one version apart.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A packed package. */
export interface Packed {
  name: string;
  version: string;
  file: string;
}

/** The registry's address, and its end. */
export interface Registry {
  url: string;
  stop(): Promise<void>;
}

// Older than any age that an app asks of a new version.
const publishedAt = '2026-01-01T00:00:00.000Z';

/** The manifest inside a tarball. */
export function manifestOf(file: string): any {
  return JSON.parse(
    execFileSync('tar', ['-xzOf', file, 'package/package.json'], {
      encoding: 'utf8',
    }),
  );
}

/** Serves tarballs as yarn and npm ask for them. */
export async function startRegistry(packed: Packed[]): Promise<Registry> {
  const byName = new Map(packed.map(one => [one.name, one]));
  const byDigest = new Map<string, string>();
  let url = '';
  const documentOf = ({ name, version, file }: Packed) => {
    const bytes = fs.readFileSync(file);
    const digest = createHash('sha512').update(bytes).digest();
    const short = digest.toString('hex').slice(0, 16);
    byDigest.set(short, file);
    return {
      name,
      'dist-tags': { latest: version },
      time: { [version]: publishedAt },
      versions: {
        [version]: {
          ...manifestOf(file),
          dist: {
            tarball: `${url}/-/${short}/package.tgz`,
            integrity: `sha512-${digest.toString('base64')}`,
          },
        },
      },
    };
  };
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent(request.url!.slice(1).split('?')[0]);
    const [, digest] = /^-\/(\w+)\//.exec(path) ?? [];
    const known = byName.get(path);
    if (digest && byDigest.has(digest))
      response.end(fs.readFileSync(byDigest.get(digest)!));
    else if (known) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(documentOf(known)));
    } else {
      response.statusCode = 404;
      response.end('{}');
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
