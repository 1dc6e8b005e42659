/*
 * Mutexes and semaphores: who comes first is served first. Holders within the run are in its state; those of other runs are told
 * from outside. Source: workflow/sync of Argo.
 */
import type { NodeStatus } from '../types';
import type { Call, Pass, Template } from './Pass';
import { isFulfilled } from './Tree';

/** Names of the locks that a `synchronization` asks for, in order. */
export function lockNames(
  pass: Pass,
  synchronization: Record<string, any> | undefined,
): string[] {
  if (!synchronization) return [];
  const { mutex, semaphore, mutexes = [], semaphores = [] } = synchronization;
  const place = (item: any) => item.namespace ?? pass.namespace;
  return [
    ...[...(mutex ? [mutex] : []), ...mutexes].map(
      item => `${place(item)}/Mutex/${item.name}`,
    ),
    ...[...(semaphore ? [semaphore] : []), ...semaphores].map(item =>
      item.database
        ? `${place(item)}/Database/${item.database.key}`
        : `${place(item)}/ConfigMap/${item.configMapKeyRef?.name}/${
            item.configMapKeyRef?.key
          }`,
    ),
  ];
}

/** Takes all locks or none. Gives the one that has to be waited for, with Argo's words. */
export function tryAcquire(
  pass: Pass,
  holder: string,
  names: string[],
): { waitsFor?: string; message?: string } {
  const locks = (pass.state.locks ??= {});
  for (const name of names) {
    const lock = (locks[name] ??= { holding: [], waiting: [] });
    if (lock.holding.includes(holder)) continue;
    const outside = pass.input.lock?.(name);
    const limit = outside?.limit ?? 1;
    const free = limit - lock.holding.length - (outside?.held ?? 0);
    if (!lock.waiting.includes(holder)) lock.waiting.push(holder);
    // Nodes of one run have no order among themselves.
    if (free <= 0 || outside?.blocked)
      return {
        waitsFor: name,
        message: `Waiting for ${name} lock. Lock status: ${Math.max(
          0,
          free,
        )}/${limit}`,
      };
  }
  for (const name of names) {
    const lock = locks[name];
    lock.waiting = lock.waiting.filter(item => item !== holder);
    if (!lock.holding.includes(holder)) lock.holding.push(holder);
  }
  return {};
}

/** Takes the locks of a template for a node, which waits when there is none to have. */
export function acquireLock(
  pass: Pass,
  call: Call,
  template: Template,
  present: NodeStatus | undefined,
  add: (phase: 'Pending', message?: string) => NodeStatus,
): { waits: boolean; justAcquired: boolean; node?: NodeStatus } {
  const names = lockNames(pass, template.synchronization);
  if (names.length === 0)
    return { waits: false, justAcquired: false, node: present };
  const holder = pass.tree.id(call.nodeName);
  const { waitsFor, message } = tryAcquire(pass, holder, names);
  if (waitsFor === undefined) {
    if (present) {
      delete present.synchronizationStatus;
      pass.tree.mark(present, present.phase, '');
    }
    return { waits: false, justAcquired: true, node: present };
  }
  const node = present ?? add('Pending', message);
  node.synchronizationStatus = { waiting: waitsFor };
  pass.tree.mark(node, node.phase, message);
  return { waits: true, justAcquired: false, node };
}

/** Gives the locks of a node that is over back. */
export function releaseLock(
  pass: Pass,
  node: NodeStatus,
  template: Template,
): void {
  if (!isFulfilled(node)) return;
  release(pass, node.id, lockNames(pass, template.synchronization));
}

/** Gives locks back and stops waiting for them. */
export function release(pass: Pass, holder: string, names: string[]): void {
  for (const name of names) {
    const lock = pass.state.locks?.[name];
    if (!lock) continue;
    lock.holding = lock.holding.filter(item => item !== holder);
    lock.waiting = lock.waiting.filter(item => item !== holder);
    if (lock.holding.length + lock.waiting.length === 0)
      delete pass.state.locks![name];
  }
}
