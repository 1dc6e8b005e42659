import { createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What is stored of a token. */
export const hashToken = (token: string) =>
  createHash('sha256').update(token).digest('hex');

/**
 * Tokens of runs: derived from a secret of this portal, so that a portal that takes a run over knows the token of its steps. A
 * token is good as long as its hash stands in the run's row, which is until the run is over.
 */
export class RunTokens {
  private constructor(private readonly secret: Buffer) {}

  static async load(dataDirectory: string): Promise<RunTokens> {
    const file = path.join(dataDirectory, 'run-token-secret');
    await mkdir(dataDirectory, { recursive: true });
    if (!existsSync(file)) await makeSecret(file);
    return new RunTokens(await readFile(file));
  }

  of(runId: string): string {
    return createHmac('sha256', this.secret).update(runId).digest('base64url');
  }
}

// Of two portals that begin at the same time the first one's secret stands.
async function makeSecret(file: string): Promise<void> {
  const part = `${file}.${process.pid}`;
  await writeFile(part, randomBytes(32), { mode: 0o600 });
  try {
    await link(part, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(part);
  }
}
