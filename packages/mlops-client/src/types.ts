/** How calls reach a tracking server, or a folder when there is none. */
export interface Transport {
  /** Calls a route below `/api/2.0/mlflow/`. */
  call(
    method: string,
    route: string,
    body: Record<string, unknown>,
  ): Promise<Record<string, any>>;
  /** Stores the bytes of an artifact of a run. */
  put(runId: string, path: string, bytes: Uint8Array): Promise<void>;
  /** Reads the bytes of an artifact of a run. */
  get(runId: string, path: string): Promise<Uint8Array>;
}

/** What is registered, and where its files are. */
export interface RegisterModelOptions {
  /** Name of the model in its project. */
  model: string;
  /** Folder of its files among the artifacts of the run. */
  artifactPath: string;
  /** Run that has the files; default: this one. */
  runId?: string;
  tags?: Record<string, string>;
}

/** A registered version. */
export interface ModelVersionReference {
  name: string;
  version: string;
  digest?: string;
}
