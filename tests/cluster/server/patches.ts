/* Merge patch (RFC 7386) and the operations of JSON patch (RFC 6902) that clients of Argo use. */
import { Fault, type KubeObject } from './objects.ts';

export function patched(
  object: KubeObject,
  contentType: string,
  patch: any,
): KubeObject {
  if (contentType.startsWith('application/merge-patch+json'))
    return merged(object, patch) as KubeObject;
  if (contentType.startsWith('application/json-patch+json'))
    return (patch as any[]).reduce(step, structuredClone(object));
  throw new Fault(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format: ${contentType}`,
  );
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch))
    return patch;
  const next: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target)
      ? { ...target }
      : {};
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete next[key];
    else next[key] = merged(next[key], value);
  return next;
}

function step(object: any, { op, path, value }: any): any {
  const keys = String(path)
    .split('/')
    .slice(1)
    .map(key => key.replace(/~1/g, '/').replace(/~0/g, '~'));
  const last = keys.pop()!;
  const holder = keys.reduce((at, key) => at?.[key], object);
  if (holder === undefined || (op !== 'add' && !(last in holder)))
    throw new Fault(422, 'Invalid', `the path ${path} is not there`);
  if (op === 'test') {
    if (JSON.stringify(holder[last]) !== JSON.stringify(value))
      throw new Fault(422, 'Invalid', `testing ${path} failed`);
  } else if (op === 'remove') delete holder[last];
  else if (Array.isArray(holder) && op === 'add')
    holder.splice(last === '-' ? holder.length : Number(last), 0, value);
  else holder[last] = value;
  return object;
}
