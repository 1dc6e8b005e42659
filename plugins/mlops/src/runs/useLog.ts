import { useApi } from '@backstage/core-plugin-api';
import { useEffect, useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import type { MlopsClient } from '../api/MlopsClient';
import { LogText, type LogLine } from './LogText';

/** A log as it is known now. */
export interface Log {
  lines: LogLine[];
  /** True when the step is over and all of its log is here. */
  complete: boolean;
  /** True while the connection is broken. */
  broken: boolean;
}

const nothing: Log = { lines: [], complete: false, broken: false };
/** Parts that come within this time are shown together: a fast log must not paint a thousand times a second. */
const paintMs = 80;
const againMs = 2_000;

/** Follows a log by server-sent events; after a break it goes on where it was. `begun` tells a step that waits from one that runs. */
export function useLog(run: string, node: string, begun: boolean): Log {
  const api = useApi(mlopsApiRef);
  const [log, setLog] = useState<Log>(nothing);
  useEffect(() => {
    setLog(nothing);
    if (!begun) return undefined;
    const ending = new AbortController();
    follow(api, { run, node, signal: ending.signal, show: setLog });
    return () => ending.abort();
  }, [api, run, node, begun]);
  return log;
}

interface FollowOptions {
  run: string;
  node: string;
  signal: AbortSignal;
  show(log: Log): void;
}

async function follow(api: MlopsClient, options: FollowOptions): Promise<void> {
  const { run, node, signal, show } = options;
  const text = new LogText();
  let complete = false;
  const paint = painter(signal, () =>
    show({ lines: text.lines(), complete, broken: false }),
  );
  while (!signal.aborted) {
    try {
      const from = { offset: text.byteLength, signal };
      for await (const part of api.followLog(run, node, from)) {
        text.append(part);
        paint();
      }
      complete = true;
      paint();
      return;
    } catch {
      if (signal.aborted) return;
      show({ lines: text.lines(), complete: false, broken: true });
      await new Promise(resolve => setTimeout(resolve, againMs));
    }
  }
}

/** Calls at most once in `paintMs`, and never after the end. */
function painter(signal: AbortSignal, show: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener('abort', () => clearTimeout(timer));
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (!signal.aborted) show();
    }, paintMs);
  };
}
