/*
 * The objects of the small cluster: names, versions, conflicts, selectors, deletion with owners, and a history from which
 * watches are served. Everything is in memory.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';

export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: Record<string, any>;
  [field: string]: any;
}

/** One entry of the history. */
export interface Change {
  version: number;
  resource: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubeObject;
  /** The object as it was. */
  before?: KubeObject;
}

/** What an API answers instead of an object. */
export class Fault extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

const mostChanges = 10_000;
const orphanFinalizer = 'orphan';

const kinds: Record<string, string> = {
  workflows: 'Workflow',
  workflowtemplates: 'WorkflowTemplate',
  clusterworkflowtemplates: 'ClusterWorkflowTemplate',
  cronworkflows: 'CronWorkflow',
  pods: 'Pod',
  secrets: 'Secret',
  configmaps: 'ConfigMap',
  events: 'Event',
};

const nameOf = (resource: string, namespace: string, name: string) =>
  `${resource}/${namespace}/${name}`;

export class Objects extends EventEmitter<{ change: [Change] }> {
  private readonly all = new Map<string, KubeObject>();
  private changes: Change[] = [];
  private version = 1000;
  /** Watches from before this version are too old. */
  oldest = 0;
  /** Whether the garbage collector works. */
  hasCollector = true;

  get newest(): number {
    return this.version;
  }

  find(resource: string, namespace: string, name: string) {
    const object = this.all.get(nameOf(resource, namespace, name));
    return object && structuredClone(object);
  }

  get(resource: string, namespace: string, name: string): KubeObject {
    const object = this.find(resource, namespace, name);
    if (!object)
      throw new Fault(404, 'NotFound', `${resource} "${name}" not found`);
    return object;
  }

  list(
    resource: string,
    namespace: string | undefined,
    selects: (object: KubeObject) => boolean,
  ): KubeObject[] {
    const start =
      namespace === undefined ? `${resource}/` : `${resource}/${namespace}/`;
    return [...this.all]
      .filter(([key, object]) => key.startsWith(start) && selects(object))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => structuredClone(object));
  }

  /** The same as it was at an older version. */
  listAt(
    version: number,
    resource: string,
    namespace: string,
    selects: (object: KubeObject) => boolean,
  ): KubeObject[] {
    const then = new Map<string, KubeObject>();
    for (const change of this.changes) {
      if (change.version > version || change.resource !== resource) continue;
      const { name, namespace: place } = change.object.metadata;
      if (place !== namespace) continue;
      if (change.type === 'DELETED') then.delete(name);
      else then.set(name, change.object);
    }
    return [...then.values()].filter(selects).map(o => structuredClone(o));
  }

  since(version: number): Change[] {
    return this.changes.filter(change => change.version > version);
  }

  create(resource: string, namespace: string, given: KubeObject): KubeObject {
    const object = structuredClone(given);
    const { generateName } = object.metadata ?? {};
    const name =
      object.metadata?.name ??
      (generateName && `${generateName}${randomUUID().slice(0, 5)}`);
    if (!name || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name))
      throw new Fault(
        422,
        'Invalid',
        `${kinds[resource]} "${name}" is invalid: metadata.name`,
      );
    checkLabels(object, resource);
    if (name.length > (resource === 'workflows' ? 63 : 253))
      throw new Fault(422, 'Invalid', `metadata.name "${name}" is too long`);
    if (this.all.has(nameOf(resource, namespace, name)))
      throw new Fault(
        409,
        'AlreadyExists',
        `${resource} "${name}" already exists`,
      );
    if (object.stringData) {
      object.data = { ...object.data, ...encoded(object.stringData) };
      delete object.stringData;
    }
    object.kind ??= kinds[resource];
    object.metadata = {
      ...object.metadata,
      name,
      namespace,
      uid: randomUUID(),
      creationTimestamp: toSecond(new Date()),
    };
    return this.store('ADDED', resource, object);
  }

  /** Writes a whole object. 409 when somebody else wrote since it was read. */
  replace(
    resource: string,
    namespace: string,
    name: string,
    given: KubeObject,
  ): KubeObject {
    const known = this.get(resource, namespace, name);
    const version = given.metadata?.resourceVersion;
    if (version !== undefined && version !== known.metadata.resourceVersion)
      throw new Fault(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      );
    checkLabels(given, resource);
    const { uid, creationTimestamp, resourceVersion, deletionTimestamp } =
      known.metadata;
    const next: KubeObject = {
      ...structuredClone(given),
      metadata: {
        ...structuredClone(given.metadata),
        name,
        namespace,
        uid,
        creationTimestamp,
        resourceVersion,
      },
    };
    // A write that changes nothing is none.
    if (isDeepStrictEqual(plain(next), plain(known))) return known;
    if (deletionTimestamp && isFree(next)) return this.takeAway(resource, next);
    return this.store('MODIFIED', resource, next, known);
  }

  /** Deletes an object and, unless they become orphans, all that it owns. 409 when it is not as the caller last saw it. */
  delete(
    resource: string,
    namespace: string,
    name: string,
    {
      preconditions = {},
      propagationPolicy,
    }: {
      preconditions?: { uid?: string; resourceVersion?: string };
      propagationPolicy?: string;
    } = {},
  ): KubeObject {
    const object = this.get(resource, namespace, name);
    for (const [field, value] of Object.entries(preconditions))
      if (object.metadata[field] !== value)
        throw new Fault(
          409,
          'Conflict',
          `Precondition failed: ${field} in precondition: ${value}, ${field} in object meta: ${object.metadata[field]}`,
        );
    if (propagationPolicy === 'Orphan') return this.orphan(resource, object);
    if (!isFree(object)) {
      if (object.metadata.deletionTimestamp) return object;
      const going = structuredClone(object);
      going.metadata.deletionTimestamp = toSecond(new Date());
      return this.store('MODIFIED', resource, going, object);
    }
    return this.takeAway(resource, object);
  }

  // It stays until the garbage collector has let go what belongs to it.
  private orphan(resource: string, object: KubeObject): KubeObject {
    const { namespace, name, uid, finalizers = [] } = object.metadata;
    if (finalizers.includes(orphanFinalizer)) return object;
    const going = structuredClone(object);
    going.metadata.deletionTimestamp ??= toSecond(new Date());
    going.metadata.finalizers = [...finalizers, orphanFinalizer];
    const stored = this.store('MODIFIED', resource, going, object);
    if (this.hasCollector)
      setTimeout(() => {
        for (const [key, other] of [...this.all]) {
          const owners: any[] = other.metadata.ownerReferences ?? [];
          const [kind, place, owned] = key.split('/');
          if (owners.some(owner => owner.uid === uid))
            this.replace(kind, place, owned, {
              ...other,
              metadata: {
                ...other.metadata,
                ownerReferences: owners.filter(owner => owner.uid !== uid),
              },
            });
        }
        const known = this.find(resource, namespace, name);
        if (known)
          this.replace(resource, namespace, name, {
            ...known,
            metadata: {
              ...known.metadata,
              finalizers: known.metadata.finalizers.filter(
                (item: string) => item !== orphanFinalizer,
              ),
            },
          });
      }, 20);
    return stored;
  }

  private takeAway(resource: string, object: KubeObject): KubeObject {
    const { namespace, name } = object.metadata;
    this.all.delete(nameOf(resource, namespace, name));
    const gone = this.record('DELETED', resource, object, object);
    for (const [key, other] of [...this.all]) {
      const owners = other.metadata.ownerReferences ?? [];
      if (owners.some((owner: any) => owner.uid === object.metadata.uid)) {
        const [kind, place, owned] = key.split('/');
        if (this.all.has(key)) this.delete(kind, place, owned);
      }
    }
    return gone;
  }

  private store(
    type: Change['type'],
    resource: string,
    object: KubeObject,
    before?: KubeObject,
  ): KubeObject {
    const stored = this.record(type, resource, object, before);
    const { namespace, name } = stored.metadata;
    this.all.set(nameOf(resource, namespace, name), stored);
    return structuredClone(stored);
  }

  // As etcd compacts: who watches from before that lists anew.
  private forgetOldest(): void {
    if (this.changes.length <= mostChanges) return;
    this.changes = this.changes.slice(mostChanges / 2);
    this.oldest = Math.max(this.oldest, this.changes[0].version);
  }

  private record(
    type: Change['type'],
    resource: string,
    object: KubeObject,
    before?: KubeObject,
  ): KubeObject {
    this.version += 1;
    const stored = structuredClone(object);
    stored.metadata.resourceVersion = String(this.version);
    const change = {
      version: this.version,
      resource,
      type,
      object: stored,
      before,
    };
    this.changes.push(change);
    this.forgetOldest();
    this.emit('change', change);
    return stored;
  }
}

const toSecond = (date: Date) => date.toISOString().replace(/\.\d+Z$/, 'Z');

const plain = (object: KubeObject) => JSON.parse(JSON.stringify(object));

/** Nobody has to be waited for before it goes. */
const isFree = ({ metadata }: KubeObject) =>
  (metadata.finalizers ?? []).length === 0;

function checkLabels({ metadata }: KubeObject, resource: string): void {
  for (const [key, value] of Object.entries(metadata?.labels ?? {}))
    if (!/^([a-zA-Z0-9]([-_.a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)?$/.test(`${value}`))
      throw new Fault(
        422,
        'Invalid',
        `${kinds[resource]} "${metadata.name}" is invalid: metadata.labels: Invalid value: "${value}" of ${key}`,
      );
}

const encoded = (values: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      Buffer.from(value).toString('base64'),
    ]),
  );
