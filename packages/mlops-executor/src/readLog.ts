import { open } from 'node:fs/promises';
import path from 'node:path';
import { readStep, waitForEnd } from './step';

/** A part of the log of an attempt; empty before the first line. @public */
export async function readLog(directory: string, options: { offset?: number; limitBytes?: number } = {}): Promise<{ bytes: Buffer; offset: number; sizeBytes: number }> {
  const file = await open(path.join(directory, 'log'), 'r').catch(() => undefined);
  if (!file) return { bytes: Buffer.alloc(0), offset: 0, sizeBytes: 0 };
  try {
    const { size } = await file.stat();
    const offset = Math.max(0, Math.min(options.offset ?? 0, size));
    const length = Math.max(0, Math.min(options.limitBytes ?? 32 * 1024 * 1024, size - offset));
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return { bytes: buffer.subarray(0, bytesRead), offset, sizeBytes: size };
  } finally {
    await file.close();
  }
}

/** The log as it grows, until the attempt is over or the signal aborts. @public */
export async function* followLog(directory: string, options: { offset?: number; signal?: AbortSignal } = {}): AsyncGenerator<Buffer> {
  let offset = options.offset ?? 0;
  let over = false;
  while (!options.signal?.aborted) {
    const { bytes } = await readLog(directory, { offset, limitBytes: 256 * 1024 });
    if (bytes.length > 0) {
      offset += bytes.length;
      yield bytes;
      continue;
    }
    if (over) return;
    over = ['exited', 'lost'].includes((await readStep(directory)).state);
    if (!over) await Promise.race([new Promise(resolve => setTimeout(resolve, 200)), waitBriefly(directory, options.signal)]);
  }
}

async function waitBriefly(directory: string, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(200);
  await waitForEnd(directory, signal ? AbortSignal.any([signal, limit]) : limit);
}
