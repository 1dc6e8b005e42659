/*
 * The log of a step that runs somewhere else, kept in a folder as a step of this machine keeps its own, so that readers need
 * not know the difference.
 */
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { beginOf } from './processes';
import { writeRecord } from './records';

/** @public */
export interface KeepLogOptions {
  /** The bytes of the log from its beginning; those that are kept already are left out. */
  read(): AsyncIterable<Uint8Array>;
  /** Default 16 MiB; what is beyond is left out with a mark. */
  limitBytes?: number;
  /** How the step ended, asked when its log has ended. */
  end(): Promise<{ exitCode: number; startedAt?: string; finishedAt?: string }>;
}

/** Copies a log into the folder and writes the step's end down. A later call goes on where an earlier one was cut off. @public */
export async function keepLog(
  directory: string,
  { read, limitBytes = 16 * 1024 * 1024, end }: KeepLogOptions,
): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeRecord(path.join(directory, 'start.json'), {
    pid: process.pid,
    began: await beginOf(process.pid),
    startedAt: new Date().toISOString(),
  });
  await copy(path.join(directory, 'log'), read(), limitBytes);
  // After a crash of the machine the step counts as over with or without this; how it ended its cluster told as well.
  await writeRecord(path.join(directory, 'exit.json'), await end());
}

async function copy(
  file: string,
  pieces: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<void> {
  const log = await open(file, 'a', 0o600);
  try {
    const kept = (await log.stat()).size;
    let at = 0;
    for await (const piece of pieces) {
      const fresh = piece.subarray(
        Math.max(0, kept - at),
        Math.max(0, limitBytes - at),
      );
      const wasWithin = at <= limitBytes;
      at += piece.length;
      if (fresh.length > 0) await log.write(fresh);
      if (wasWithin && at > limitBytes && kept <= limitBytes)
        await log.write(
          `\n[the log goes on; its first ${limitBytes} bytes are kept]\n`,
        );
    }
    await log.datasync();
  } finally {
    await log.close();
  }
}
