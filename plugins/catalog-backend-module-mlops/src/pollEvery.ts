/** Something that is done again and again until it is stopped. */
export interface Polling {
  start(): void;
  stop(): void;
}

/**
 * Does something at once and then again, each time `everyMs` after the last one ended. A failure is told once, not each time it
 * happens again, and does not end the polling.
 */
export function pollEvery(
  everyMs: number,
  act: () => Promise<unknown>,
  tell: (message: string) => void,
): Polling {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let told: string | undefined;
  const again = async () => {
    try {
      await act();
      told = undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!stopped && message !== told) tell(message);
      told = message;
    }
    if (!stopped) timer = setTimeout(again, everyMs);
  };
  return {
    start: () => void again(),
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
