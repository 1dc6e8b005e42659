/*
 * What Argo's cron controller does: starts a Workflow of each CronWorkflow at its times, by the same reading of cron expressions
 * that the portal has. It tests who keeps a schedule and what becomes of its runs, not the expressions.
 */
import type { KubeObject, Objects } from './objects.ts';
import { lastTime } from './rooms.ts';

const everyMs = 250;
const prefix = 'workflows.argoproj.io';

export class CronController {
  private readonly objects: Objects;
  private readonly seen = new Map<string, Date>();

  constructor(objects: Objects) {
    this.objects = objects;
    setInterval(() => this.look(new Date()), everyMs).unref();
  }

  private look(now: Date): void {
    for (const object of this.objects.list(
      'cronworkflows',
      undefined,
      () => true,
    )) {
      const { uid } = object.metadata;
      const after = this.seen.get(uid) ?? now;
      const { schedules, timezone, suspend } = object.spec;
      const at = lastTime({ schedules, timezone }, { after, until: now });
      this.seen.set(uid, at ?? after);
      if (at && !suspend) this.start(object, at);
    }
  }

  private start(cron: KubeObject, at: Date): void {
    const { name, namespace, uid } = cron.metadata;
    const active = this.objects.list('workflows', namespace, item => {
      const labels = item.metadata.labels ?? {};
      return (
        labels[`${prefix}/cron-workflow`] === name &&
        labels[`${prefix}/completed`] !== 'true'
      );
    });
    const policy = cron.spec.concurrencyPolicy || 'Allow';
    if (policy === 'Forbid' && active.length > 0) return;
    if (policy === 'Replace')
      for (const { metadata } of active)
        this.objects.delete('workflows', namespace, metadata.name);
    const { labels, annotations } = cron.spec.workflowMetadata ?? {};
    const made = `${name}-${Math.floor(at.getTime() / 1000)}`;
    if (this.objects.find('workflows', namespace, made)) return;
    this.objects.create('workflows', namespace, {
      metadata: {
        name: made,
        labels: { ...labels, [`${prefix}/cron-workflow`]: name },
        annotations: {
          ...annotations,
          [`${prefix}/scheduled-time`]: at.toISOString(),
        },
        ownerReferences: [
          { kind: 'CronWorkflow', name, uid, controller: true },
        ],
      },
      spec: cron.spec.workflowSpec,
    });
    const { resourceVersion: _read, ...metadata } = cron.metadata;
    this.objects.replace('cronworkflows', namespace, name, {
      ...cron,
      metadata,
      status: { ...cron.status, lastScheduledTime: at.toISOString() },
    });
  }
}
