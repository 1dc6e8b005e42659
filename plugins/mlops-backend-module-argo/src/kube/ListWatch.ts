/*
 * Keeps a copy of the objects of one kind: a list in pages, then a watch from where the list ended, and the whole list again
 * every ten minutes. Whatever goes wrong leads to a look a little later: a watch only makes news come sooner, and what it
 * missed comes with the next list. A watch is asked for 25 seconds at a time and dropped when it says nothing for 30, so a
 * connection that went silent costs half a minute.
 */
import type { KubeClient } from './KubeClient';
import { isStatus, KubeError } from './KubeError';

/** An object as Kubernetes stores it. */
export interface KubeObject {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    ownerReferences?: { kind: string; name: string; uid: string }[];
    [field: string]: unknown;
  };
  [field: string]: any;
}

export interface ListWatchOptions {
  client: KubeClient;
  /** Path of the list, as `/apis/argoproj.io/v1alpha1/namespaces/ml/workflows`. */
  path: string;
  labelSelector?: string;
  /** What is kept of an object; default: all of it. */
  kept?(object: KubeObject): KubeObject;
  /** Told of an object that is new, changed or (undefined) gone. What it throws is counted against the object. */
  onChange(name: string, object: KubeObject | undefined): void;
  /** Told of trouble; a sentence. */
  onTrouble(message: string): void;
  /** Milliseconds; for tests. */
  relistMs?: number;
  /** 0 to 1; for tests. */
  random?(): number;
}

const pageSize = 500;
const watchSeconds = 25;
const silentMs = 30_000;
const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
const poisonedAfter = 5;

export class ListWatch {
  private readonly objects = new Map<string, KubeObject>();
  private readonly failures = new Map<
    string,
    { version: string; count: number }
  >();
  private readonly ending = new AbortController();
  private version?: string;
  private listedAt = 0;
  private waitMs = 0;
  /** The last news was that the version is too old. */
  private isGone = false;
  private running?: Promise<void>;
  /** Milliseconds since the epoch: when the other side last answered as it should. */
  heardAt?: number;
  /** The last trouble, until something goes well. */
  trouble?: string;

  constructor(private readonly options: ListWatchOptions) {}

  /** Goes on until `end`. Never throws. */
  begin(): void {
    this.running ??= this.loop();
  }

  async end(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  get(name: string): KubeObject | undefined {
    return this.objects.get(name);
  }

  /** Takes an object that was read or written just now, unless a newer one is known. */
  take(object: KubeObject): void {
    this.put(object);
  }

  /** Forgets an object that is known to be gone. */
  drop(name: string): void {
    if (this.objects.delete(name)) this.tell(name, undefined);
  }

  get names(): string[] {
    return [...this.objects.keys()];
  }

  /** Objects whose news could not be taken in, however often it was tried. */
  get poisoned(): string[] {
    return [...this.failures]
      .filter(([, { count }]) => count >= poisonedAfter)
      .map(([name]) => name);
  }

  private async loop(): Promise<void> {
    while (!this.ending.signal.aborted) {
      try {
        if (this.version === undefined || this.isStale) await this.list();
        await this.watch();
        this.waitMs = 0;
      } catch (error) {
        if (this.ending.signal.aborted) return;
        await this.recover(error as Error);
      }
    }
  }

  private get isStale(): boolean {
    return Date.now() - this.listedAt > (this.options.relistMs ?? 600_000);
  }

  private async list(): Promise<void> {
    const { client, path, labelSelector } = this.options;
    const seen = new Set<string>();
    let from: string | undefined;
    let version: string | undefined;
    do {
      const page: any = await client.call({
        path,
        query: { labelSelector, limit: pageSize, continue: from },
        signal: this.ending.signal,
        timeoutMs: 30_000,
      });
      if (!Array.isArray(page.items) || !page.metadata?.resourceVersion)
        throw new KubeError(`${path} answered no list`, 0);
      for (const object of page.items as KubeObject[]) {
        seen.add(object.metadata.name);
        this.put(object);
      }
      version = page.metadata.resourceVersion;
      from = page.metadata.continue || undefined;
    } while (from);
    // A server that lags behind its peers would take away what is new.
    if (this.version && isLower(version!, this.version))
      throw new KubeError(`${path} answered with an old list`, 0);
    for (const name of this.names) if (!seen.has(name)) this.drop(name);
    this.version = version;
    this.listedAt = Date.now();
    this.heard();
  }

  private async watch(): Promise<void> {
    const { client, path, labelSelector } = this.options;
    const lines = splitLines(
      client.stream({
        path,
        query: {
          labelSelector,
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: this.version,
          timeoutSeconds: watchSeconds,
        },
        signal: this.ending.signal,
        timeoutMs: silentMs,
      }),
    );
    const begun = Date.now();
    for await (const line of lines) {
      this.event(JSON.parse(line));
      if (this.isStale) return;
    }
    if (Date.now() - begun < firstWaitMs)
      throw new KubeError('the watch ended as soon as it began', 0);
    this.heard();
  }

  private event({ type, object }: { type: string; object: any }): void {
    if (type === 'ERROR')
      throw new KubeError(
        object?.message ?? 'the watch ended with an error',
        object?.code ?? 0,
        object?.reason,
      );
    if (!object?.metadata?.resourceVersion)
      throw new KubeError(`a watch sent '${type}' without a version`, 0);
    if (type === 'DELETED') this.drop(object.metadata.name);
    else if (type !== 'BOOKMARK') this.put(object);
    this.version = object.metadata.resourceVersion;
    this.isGone = false;
    this.waitMs = 0;
    this.heard();
  }

  private heard(): void {
    this.heardAt = Date.now();
    this.trouble = undefined;
  }

  // An old version (410) means a new list; everything else is tried again from where it was, later and later.
  private async recover(error: Error): Promise<void> {
    if (isStatus(error, 410)) {
      this.version = undefined;
      // The server is well again, however long it was not; only when it says so time after time, it is asked less.
      if (!this.isGone) this.waitMs = 0;
      this.isGone = true;
    }
    this.trouble = error.message;
    this.options.onTrouble(error.message);
    this.waitMs = Math.min(
      longestWaitMs,
      Math.max(firstWaitMs, this.waitMs * 2),
    );
    const jitter = 0.75 + 0.5 * (this.options.random ?? Math.random)();
    const asked =
      error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    await sleep(
      Math.min(longestWaitMs, Math.max(this.waitMs * jitter, asked)),
      this.ending.signal,
    );
  }

  private put(object: KubeObject): void {
    const { name, uid, resourceVersion } = object.metadata;
    const known = this.objects.get(name);
    if (known && isOlder(object, known)) return;
    this.objects.set(name, this.options.kept?.(object) ?? object);
    const isSame =
      known?.metadata.uid === uid &&
      known.metadata.resourceVersion === resourceVersion;
    // An object that could not be taken in is tried again each time that it is seen.
    if (!isSame || this.failures.has(name)) this.tell(name, object);
  }

  private tell(name: string, object: KubeObject | undefined): void {
    const version = object?.metadata.resourceVersion ?? '';
    const before = this.failures.get(name);
    const count = before?.version === version ? before.count : 0;
    if (count >= poisonedAfter) return;
    try {
      this.options.onChange(name, object);
      this.failures.delete(name);
    } catch (error) {
      this.failures.set(name, { version, count: count + 1 });
      this.options.onTrouble(
        `'${name}' cannot be taken in: ${(error as Error).message}`,
      );
    }
  }
}

const isOlder = (one: KubeObject, other: KubeObject) =>
  one.metadata.uid === other.metadata.uid &&
  isLower(one.metadata.resourceVersion, other.metadata.resourceVersion);

// Versions of one server are numbers that grow; where they are none, the one that was told last counts.
const isLower = (one: string, other: string) =>
  /^\d+$/.test(one) && /^\d+$/.test(other) && BigInt(one) < BigInt(other);

async function* splitLines(
  pieces: AsyncIterable<Buffer>,
): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line.trim()) yield line;
  }
  if (rest.trim()) yield rest;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
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
