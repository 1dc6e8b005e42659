import { useCallback, useEffect, useRef, useState } from 'react';

/** Something that is fetched: still loading, there, or failed. */
export interface Resource<T> {
  value?: T;
  error?: Error;
  loading: boolean;
  reload(): void;
}

/** Fetches when the key changes and, while `pollMs` says so, again and again. What was there stays while it is fetched anew. */
export function useResource<T>(
  key: string,
  load: () => Promise<T>,
  pollMs?: (value: T | undefined) => number | undefined,
): Resource<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: Error }>(
    { key },
  );
  const [turn, setTurn] = useState(0);
  const latest = useRef({ load, pollMs });
  latest.current = { load, pollMs };
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (value: T | undefined) => {
      const ms = latest.current.pollMs?.(value);
      if (ms !== undefined && !over) timer = setTimeout(fetchOnce, ms);
    };
    const fetchOnce = () =>
      latest.current.load().then(
        value => {
          if (over) return;
          setState({ key, value });
          again(value);
        },
        error => {
          if (over) return;
          setState(before =>
            before.key === key && before.value !== undefined
              ? before
              : { key, error },
          );
          again(undefined);
        },
      );
    fetchOnce();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [key, turn]);
  const reload = useCallback(() => setTurn(count => count + 1), []);
  const current = state.key === key ? state : { key };
  return {
    value: current.value,
    error: current.error,
    loading: current.value === undefined && current.error === undefined,
    reload,
  };
}
