/**
 * Bytes by key. Keys are slash-separated paths made by the portal from ids (never by a client), as
 * `workflows/<run>/<node>/model.tgz` or `tracking/<run>/artifacts/model/model.json`. Written whole or not at all.
 *
 * @public
 */
export interface ArtifactStore {
  /** Stores the bytes under the key, replacing nothing: a second put of other bytes under a key is a ConflictError unless `replace`. */
  put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    options?: { replace?: boolean; limitBytes?: number },
  ): Promise<{ digest: string; sizeBytes: number }>;
  /** NotFoundError when there is none. `range` is in bytes, end inclusive. */
  get(
    key: string,
    options?: { range?: { start: number; end: number } },
  ): Promise<{
    body: AsyncIterable<Uint8Array>;
    sizeBytes: number;
    digest: string;
  }>;
  /** Undefined when there is none. */
  stat(key: string): Promise<{ digest: string; sizeBytes: number } | undefined>;
  /** Keys below the prefix (a whole path segment), sorted; at most `limit` (default 10,000). */
  list(
    prefix: string,
    options?: { limit?: number },
  ): Promise<{ key: string; sizeBytes: number; digest: string }[]>;
  /** Bytes below each next segment of the prefix, as `workflows` gives them by run. */
  sizes(prefix: string): Promise<{ segment: string; sizeBytes: number }[]>;
  /** Removes everything below the prefix. Bytes that nothing names any more go with the next sweep. */
  delete(prefix: string): Promise<void>;
  /** Removes bytes that no key names; gives how many. */
  sweep(): Promise<number>;
}
