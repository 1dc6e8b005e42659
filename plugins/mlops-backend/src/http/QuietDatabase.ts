/*
 * A database that refuses is told to the caller at once. One that has gone quiet, as behind a network that swallows what it is given,
 * lets every question wait for minutes; so a call that waits long looks at the database itself, and says that it does not answer.
 */
import { ServiceUnavailableError } from '@backstage-mlops/mlops-core';
import type { Response } from 'express';

/** Resolves when work is done within a time, and says whether it was. */
export async function answersWithin(
  work: PromiseLike<unknown>,
  ms: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(resolve, ms, false);
  });
  const answered = Promise.resolve(work).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

export interface QuietDatabaseOptions {
  /** Asks the database something small. */
  ask(): PromiseLike<unknown>;
  /** How long a call waits before it looks; long, since a busy machine is no quiet database. */
  afterMs?: number;
  /** How long a look waits. */
  patienceMs?: number;
}

export class QuietDatabase {
  private looking?: Promise<boolean>;

  constructor(private readonly options: QuietDatabaseOptions) {}

  // Calls that wait together look together.
  private answers(): Promise<boolean> {
    const { ask, patienceMs = 10_000 } = this.options;
    this.looking ??= answersWithin(ask(), patienceMs).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** The work of a call; ServiceUnavailableError while the database is quiet and nothing was answered. The work itself goes on. */
  async during<T>(response: Response, work: Promise<T>): Promise<T> {
    const { afterMs = 15_000 } = this.options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const quiet = new Promise<never>((_resolve, reject) => {
      const look = async () => {
        if (response.headersSent) return;
        const isWell = await this.answers();
        if (isOver || response.headersSent) return;
        if (isWell) timer = setTimeout(look, afterMs);
        else
          reject(
            new ServiceUnavailableError(
              'The database does not answer now. What was asked may still be done; look before you ask again.',
              'unavailable',
            ),
          );
      };
      timer = setTimeout(look, afterMs);
    });
    try {
      return await Promise.race([work, quiet]);
    } finally {
      isOver = true;
      clearTimeout(timer);
    }
  }
}
