/*
 * What the portal keeps of the objects it watches. A namespace holds far more workflows that are over than such that go on, and nobody
 * asks for their steps again; who does reads them anew.
 */
import type { KubeObject } from '../kube/ListWatch';

const overMs = 60_000;
const overPhases = ['Succeeded', 'Failed', 'Error'];

/** An object as it is kept: whole while it goes on and a minute longer, then without its steps. */
export function toKept(object: KubeObject, now = Date.now()): KubeObject {
  const { managedFields: _fields, ...metadata } = object.metadata;
  const { phase, finishedAt } = object.status ?? {};
  const isOver =
    overPhases.includes(phase) && now - Date.parse(finishedAt) > overMs;
  if (!isOver) return { ...object, metadata };
  const { workflowTemplateRef } = object.spec ?? {};
  return {
    metadata,
    spec: { workflowTemplateRef },
    status: { phase, finishedAt },
    isOutline: true,
  };
}

/** Whether only the outline of an object was kept. */
export const isOutline = (object: KubeObject): boolean =>
  object.isOutline === true;
