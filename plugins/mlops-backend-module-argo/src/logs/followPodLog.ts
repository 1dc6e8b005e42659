/* The log of a step's pod from its beginning to its end, over connections that break. */
import type { KubeClient } from '../kube/KubeClient';
import { isStatus, KubeError } from '../kube/KubeError';
import { withoutExecutor } from './withoutExecutor';

export interface FollowPodLogOptions {
  client: KubeClient;
  namespace: string;
  /** The pod of the step and how it stands; undefined when there is none. */
  look(): Promise<{ pod: string; phase: string } | undefined>;
  signal: AbortSignal;
  /** Between two looks; for tests. */
  everyMs?: number;
}

const longestSilenceMs = 60_000;

/** What the step wrote. Ends when it is over and its log is read, or when the pod is gone. */
export const followPodLog = (
  options: FollowPodLogOptions,
): AsyncGenerator<Uint8Array> => withoutExecutor(followContainer(options));

async function* followContainer(
  options: FollowPodLogOptions,
): AsyncGenerator<Uint8Array> {
  const { signal, everyMs = 1000 } = options;
  let sent = 0;
  while (!signal.aborted) {
    const step = await options.look();
    if (!step) return;
    const isOver = !['Pending', 'Running'].includes(step.phase);
    try {
      let from = 0;
      for await (const piece of read(options, step.pod)) {
        // Each connection begins at the beginning: what was sent before is left out, so nothing is doubled or lost.
        const fresh = piece.subarray(Math.max(0, sent - from));
        from += piece.length;
        if (fresh.length === 0) continue;
        sent += fresh.length;
        yield fresh;
      }
      if (isOver) return;
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      // Not there any more, or not yet (400: its container waits to start).
      if (isOver && (isStatus(error, 404) || isStatus(error, 400))) return;
    }
    await pause(everyMs, signal);
  }
}

const read = (
  { client, namespace, signal }: FollowPodLogOptions,
  pod: string,
) =>
  client.stream({
    path: `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod)}/log`,
    query: { container: 'main', follow: true },
    signal,
    timeoutMs: longestSilenceMs,
  });

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}
