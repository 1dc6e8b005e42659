import { open } from 'node:fs/promises';
import path from 'node:path';
import { FolderWatch } from './FolderWatch';
import { isOver } from './step';

const pieceBytes = 256 * 1024;

/** @public */
export interface ReadLogOptions {
  /** Bytes to leave out at the beginning; default 0. */
  offset?: number;
  /** Default 32 MiB. */
  limitBytes?: number;
}

/** A part of a log. @public */
export interface LogPart {
  bytes: Buffer;
  /** Where the part begins. */
  offset: number;
  /** Size of the whole log at that moment. */
  sizeBytes: number;
}

/** A part of the log of an attempt; empty before the first line. @public */
export async function readLog(
  directory: string,
  options: ReadLogOptions = {},
): Promise<LogPart> {
  const file = await open(path.join(directory, 'log'), 'r').catch(
    () => undefined,
  );
  if (!file) return { bytes: Buffer.alloc(0), offset: 0, sizeBytes: 0 };
  try {
    const { size } = await file.stat();
    const offset = Math.max(0, Math.min(options.offset ?? 0, size));
    const limit = Math.max(0, options.limitBytes ?? 32 * 1024 * 1024);
    const buffer = Buffer.alloc(Math.min(limit, size - offset));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return { bytes: buffer.subarray(0, bytesRead), offset, sizeBytes: size };
  } finally {
    await file.close();
  }
}

/** The log as it grows, until the attempt is over or the signal aborts. @public */
export async function* followLog(
  directory: string,
  { offset = 0, signal }: { offset?: number; signal?: AbortSignal } = {},
): AsyncGenerator<Buffer> {
  const watch = new FolderWatch(directory, ['log', 'exit.json']);
  try {
    let at = offset;
    let over = false;
    while (!signal?.aborted) {
      const { bytes } = await readLog(directory, {
        offset: at,
        limitBytes: pieceBytes,
      });
      at += bytes.length;
      if (bytes.length > 0) yield bytes;
      else if (over) return;
      else {
        over = await isOver(directory);
        if (!over) await watch.next(1000, signal);
      }
    }
  } finally {
    watch.close();
  }
}
