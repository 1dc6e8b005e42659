import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { FolderTransport } from './FolderTransport.ts';
import { HttpTransport } from './HttpTransport.ts';
import type {
  ModelVersionReference,
  RegisterModelOptions,
  Transport,
} from './types.ts';

const stepPatienceSeconds = 24 * 60 * 60;

const pairs = (record: Record<string, unknown>) =>
  Object.entries(record).map(([key, value]) => ({ key, value: String(value) }));

/** One tracking run, to log to. */
export class TrackingClient {
  readonly runId: string;
  private readonly transport: Transport;
  private readonly experimentId: string;
  private readonly project: string;
  private waiting: {
    key: string;
    value: number | string;
    step: number;
    timestamp: number;
  }[] = [];

  constructor(options: {
    transport: Transport;
    runId: string;
    experimentId: string;
    project: string;
  }) {
    this.transport = options.transport;
    this.runId = options.runId;
    this.experimentId = options.experimentId;
    this.project = options.project;
  }

  /** Parameters, each written once. */
  async logParams(
    params: Record<string, string | number | boolean>,
  ): Promise<void> {
    await this.batch({ params: pairs(params) });
  }

  /** Values of metrics at a step (default 0); NaN is kept as NaN. */
  async logMetrics(metrics: Record<string, number>, step = 0): Promise<void> {
    for (const [key, value] of Object.entries(metrics))
      this.metric(key, value, step);
    await this.flush();
  }

  /** Takes one value to be sent with the next `flush`. */
  metric(key: string, value: number, step = 0): void {
    this.waiting.push({
      key,
      value: Number.isFinite(value)
        ? value
        : Number.isNaN(value)
        ? 'NaN'
        : value > 0
        ? 'Infinity'
        : '-Infinity',
      step,
      timestamp: Date.now(),
    });
  }

  /** Sends the values that wait, at most 1,000 a call. */
  async flush(): Promise<void> {
    while (this.waiting.length > 0)
      await this.batch({ metrics: this.waiting.splice(0, 1000) });
  }

  async setTags(tags: Record<string, string>): Promise<void> {
    await this.batch({ tags: pairs(tags) });
  }

  private async batch(parts: Record<string, unknown>): Promise<void> {
    await this.transport.call('POST', 'runs/log-batch', {
      run_id: this.runId,
      ...parts,
    });
  }

  /** Says which data the run used. `profile` is a small object of facts, as `{ num_rows: 300 }`. */
  async logInput(input: {
    name: string;
    digest: string;
    context?: string;
    profile?: Record<string, unknown>;
  }): Promise<void> {
    const dataset = {
      name: input.name,
      digest: input.digest,
      source_type: 'code',
      source: '{}',
      profile: JSON.stringify(input.profile ?? {}),
    };
    const tags = [
      { key: 'mlflow.data.context', value: input.context ?? 'training' },
    ];
    await this.transport.call('POST', 'runs/log-inputs', {
      run_id: this.runId,
      datasets: [{ tags, dataset }],
    });
  }

  /** Stores a file among the artifacts of the run. */
  async logArtifact(name: string, data: string | Uint8Array): Promise<void> {
    await this.transport.put(
      this.runId,
      name,
      typeof data === 'string' ? new TextEncoder().encode(data) : data,
    );
  }

  /** Stores all files of a folder. */
  async logFolder(folder: string, artifactPath: string): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory())
        await this.logFolder(full, `${artifactPath}/${entry.name}`);
      else if (entry.isFile())
        await this.logArtifact(
          `${artifactPath}/${entry.name}`,
          await readFile(full),
        );
    }
  }

  /** Reads a file among the artifacts of the run. */
  readArtifact(name: string): Promise<Uint8Array> {
    return this.transport.get(this.runId, name);
  }

  /** Another run of the same experiment, as a candidate that an earlier step logged. */
  atRun(runId: string): TrackingClient {
    return new TrackingClient({
      transport: this.transport,
      runId,
      experimentId: this.experimentId,
      project: this.project,
    });
  }

  /** A run below this one, as one candidate of several. */
  async startChildRun(
    name: string,
    options: {
      params?: Record<string, string | number | boolean>;
      tags?: Record<string, string>;
    } = {},
  ): Promise<TrackingClient> {
    const tags = pairs({ ...options.tags, 'mlflow.parentRunId': this.runId });
    const { run } = await this.transport.call('POST', 'runs/create', {
      experiment_id: this.experimentId,
      run_name: name,
      start_time: Date.now(),
      tags,
    });
    const child = new TrackingClient({
      transport: this.transport,
      runId: run.info.run_id,
      experimentId: this.experimentId,
      project: this.project,
    });
    if (options.params) await child.logParams(options.params);
    return child;
  }

  /** Ends the run. The run of a portal is ended by the portal; a child run is the step's to end. */
  async endRun(
    status: 'FINISHED' | 'FAILED' | 'KILLED' = 'FINISHED',
  ): Promise<void> {
    await this.flush();
    await this.transport.call('POST', 'runs/update', {
      run_id: this.runId,
      status,
      end_time: Date.now(),
    });
  }

  /** Registers files of a run as the next version of a model of the project; makes the model when it is the first. */
  async registerModel(
    options: RegisterModelOptions,
  ): Promise<ModelVersionReference> {
    const name = `${this.project}.${options.model}`;
    await this.transport
      .call('POST', 'registered-models/create', { name })
      .catch(error => {
        if (!/RESOURCE_ALREADY_EXISTS/.test(error.message)) throw error;
      });
    const runId = options.runId ?? this.runId;
    const { model_version: made } = await this.transport.call(
      'POST',
      'model-versions/create',
      {
        name,
        source: `runs:/${runId}/${options.artifactPath}`,
        run_id: runId,
        tags: pairs(options.tags ?? {}),
      },
    );
    const digest = made.tags?.find(
      (tag: { key: string }) => tag.key === 'mlops.digest',
    )?.value;
    return { name, version: String(made.version), digest };
  }
}

/**
 * The run that the step belongs to, from MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_EXPERIMENT_ID, MLFLOW_RUN_ID and
 * MLOPS_PROJECT. In a run of a portal (MLOPS_RUN_ID) a portal that is away is waited for. Without MLFLOW_TRACKING_URI everything is kept in the folder `.mlops`, and one line says so.
 */
export function fromEnvironment(
  environment: Record<string, string | undefined> = process.env,
): TrackingClient {
  const { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: token } =
    environment;
  const project = environment.MLOPS_PROJECT ?? 'local';
  if (!uri) {
    console.log(
      'No MLFLOW_TRACKING_URI: metrics and files are kept in the folder .mlops.',
    );
    return new TrackingClient({
      transport: new FolderTransport('.mlops'),
      runId: 'local',
      experimentId: '0',
      project,
    });
  }
  const required = (name: string) => {
    const value = environment[name];
    if (!value)
      throw new Error(
        `${name} is not set. MLFLOW_TRACKING_URI is, so the step expects a run of its own.`,
      );
    return value;
  };
  const experimentId = required('MLFLOW_EXPERIMENT_ID');
  return new TrackingClient({
    transport: new HttpTransport(uri, token, experimentId, {
      // A step of a portal outlives it for a while; the executor ends it when none comes back.
      patienceSeconds: environment.MLOPS_RUN_ID ? stepPatienceSeconds : 0,
    }),
    runId: required('MLFLOW_RUN_ID'),
    experimentId,
    project,
  });
}
