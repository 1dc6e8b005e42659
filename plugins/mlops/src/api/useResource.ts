import { useCallback, useEffect, useRef, useState } from 'react';

/** Something that is fetched: still loading, there, or failed. */
export interface Resource<T> {
  value?: T;
  error?: Error;
  reload(): void;
}

/** How something is fetched. */
export interface ResourceOptions<T> {
  /** What it is; another key is another thing. */
  key: string;
  load(): Promise<T>;
  /** Milliseconds until it is fetched again; undefined: never. Failed fetches are tried again as well. */
  againMs?(value: T | undefined): number | undefined;
}

/** Fetches when the key changes, and again as often as `againMs` says. What was there stays until the next answer. */
export function useResource<T>(options: ResourceOptions<T>): Resource<T> {
  const { key } = options;
  const [state, setState] = useState<{ key: string; value?: T; error?: Error }>(
    { key },
  );
  const [turn, setTurn] = useState(0);
  const latest = useRef(options);
  latest.current = options;
  useEffect(
    () => fetchInTurns(() => latest.current, setState, key),
    [key, turn],
  );
  const reload = useCallback(() => setTurn(count => count + 1), []);
  const current = state.key === key ? state : undefined;
  return { value: current?.value, error: current?.error, reload };
}

type Seen<T> = { key: string; value?: T; error?: Error };

function fetchInTurns<T>(
  latest: () => ResourceOptions<T>,
  setState: (change: (before: Seen<T>) => Seen<T>) => void,
  key: string,
): () => void {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const settle = (seen: (before: Seen<T>) => Seen<T>, value?: T) => {
    if (over) return;
    setState(seen);
    const ms = latest().againMs?.(value);
    if (ms !== undefined) timer = setTimeout(fetchOnce, ms);
  };
  function fetchOnce() {
    latest()
      .load()
      .then(
        value => settle(() => ({ key, value }), value),
        // What is on the page is worth more than the news that one refresh failed.
        error =>
          settle(before =>
            before.key === key && before.value !== undefined
              ? before
              : { key, error },
          ),
      );
  }
  fetchOnce();
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
