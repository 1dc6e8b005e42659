/* Plays recorded histories onto Workflows that carry the label `test/recorded`, with pods and logs as the recording has them. */
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Objects } from './objects.ts';
import type { PodLogs } from './PodLogs.ts';
import { framesOf, logsOf } from './recorded.ts';
import { podName } from './rooms.ts';

export interface Playback {
  namespace: string;
  name: string;
  recorded: Record<string, any>;
  /** Milliseconds between two writes. */
  everyMs?: number;
  /** As the controller does with trees that are too large: packed, or in a database under this version. */
  nodes?: 'packed' | { offloadedAs: string };
}

export class Player {
  private readonly objects: Objects;
  private readonly logs: PodLogs;

  constructor(objects: Objects, logs: PodLogs) {
    this.objects = objects;
    this.logs = logs;
  }

  async play(playback: Playback): Promise<void> {
    const { recorded, everyMs = 20 } = playback;
    const startedAt = new Date().toISOString();
    const logs = logsOf(recorded);
    for (const frame of framesOf(recorded)) {
      await pause(everyMs);
      this.startPods(playback, frame, logs);
      this.write(playback, timed(frame, startedAt));
    }
  }

  private startPods(
    { namespace, name }: Playback,
    frame: Record<string, any>,
    logs: Record<string, string>,
  ): void {
    for (const node of Object.values<any>(frame.nodes)) {
      if (node.type !== 'Pod' || node.phase === 'Pending') continue;
      const pod = podName(
        name,
        node.name,
        node.templateRef?.template ?? node.templateName ?? '',
      );
      if (this.objects.find('pods', namespace, pod)) continue;
      this.objects.create('pods', namespace, {
        metadata: {
          name: pod,
          labels: { 'workflows.argoproj.io/workflow': name },
        },
        spec: { containers: [{ name: 'main' }] },
        status: { phase: 'Succeeded' },
      });
      this.logs.write(pod, logs[node.id] ?? '');
    }
  }

  private write(
    { namespace, name, nodes: kept }: Playback,
    { nodes, ...status }: Record<string, any>,
  ): void {
    const { status: _before, ...object } = this.objects.get(
      'workflows',
      namespace,
      name,
    );
    const over = ['Succeeded', 'Failed', 'Error'].includes(status.phase);
    this.objects.replace('workflows', namespace, name, {
      ...object,
      metadata: {
        ...object.metadata,
        labels: {
          ...object.metadata.labels,
          'workflows.argoproj.io/phase': status.phase,
          ...(over ? { 'workflows.argoproj.io/completed': 'true' } : {}),
        },
      },
      status: {
        ...status,
        ...(kept === 'packed'
          ? {
              compressedNodes: gzipSync(JSON.stringify(nodes)).toString(
                'base64',
              ),
            }
          : kept
          ? { offloadNodeStatusVersion: kept.offloadedAs }
          : { nodes }),
      },
    });
  }
}

// Times are left out of recordings.
function timed(
  { nodes, ...status }: Record<string, any>,
  startedAt: string,
): Record<string, any> {
  const now = new Date().toISOString();
  const ends = (phase: string) =>
    phase === 'Pending' || phase === 'Running' ? {} : { finishedAt: now };
  return {
    ...status,
    startedAt,
    ...ends(status.phase),
    nodes: Object.fromEntries(
      Object.entries<any>(nodes).map(([id, node]) => [
        id,
        { ...node, startedAt, ...ends(node.phase) },
      ]),
    ),
  };
}
