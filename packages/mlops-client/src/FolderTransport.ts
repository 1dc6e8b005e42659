import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Transport } from './types.ts';

/** Keeps everything in a folder, for a step that is run by hand without a server. */
export class FolderTransport implements Transport {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async call(
    _method: string,
    route: string,
    body: Record<string, unknown>,
  ): Promise<Record<string, any>> {
    await mkdir(this.folder, { recursive: true });
    await appendFile(
      path.join(this.folder, 'calls.jsonl'),
      `${JSON.stringify({ route, ...body })}\n`,
    );
    if (route === 'runs/create')
      return { run: { info: { run_id: randomUUID().replace(/-/g, '') } } };
    if (route === 'model-versions/create')
      return { model_version: { version: '0' } };
    return {};
  }

  private file(runId: string, name: string): string {
    return path.join(
      this.folder,
      runId,
      ...name.split('/').filter(part => part !== '..'),
    );
  }

  get(runId: string, name: string): Promise<Uint8Array> {
    return readFile(this.file(runId, name));
  }

  async put(runId: string, name: string, bytes: Uint8Array): Promise<void> {
    const file = this.file(runId, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}
