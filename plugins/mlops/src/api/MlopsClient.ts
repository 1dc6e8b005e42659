import type {
  DatasetDetail,
  MetricSeries,
  ModelVersionDetail,
  Pipeline,
  ProjectDetail,
  ProjectSummary,
  RegisteredModel,
  Run,
  RunPage,
  RunRequest,
} from '@backstage-mlops/mlops-core';
import { ResponseError } from '@backstage/errors';

/** Fetches with the person's credentials. */
export interface Fetches {
  fetch(input: string, init?: RequestInit): Promise<Response>;
}

const path = (...parts: string[]) => parts.map(encodeURIComponent).join('/');
const filePath = (text: string) =>
  text.split('/').map(encodeURIComponent).join('/');

/** The plugin's HTTP interface. */
export class MlopsClient {
  constructor(private readonly api: Fetches) {}

  private async send(route: string, init?: RequestInit): Promise<Response> {
    const answer = await this.api.fetch(`plugin://mlops/${route}`, init);
    if (!answer.ok) throw await ResponseError.fromResponse(answer as never);
    return answer;
  }

  private async get<T>(route: string): Promise<T> {
    return (await this.send(route)).json() as Promise<T>;
  }

  listProjects = () =>
    this.get<{ items: ProjectSummary[]; nextCursor?: string }>(
      'projects?limit=200',
    );
  getProject = (project: string) =>
    this.get<ProjectDetail>(path('projects', project));
  getPipeline = (project: string, pipeline: string, ref?: string) =>
    this.get<Pipeline>(
      `${path('pipelines', project, pipeline)}${
        ref ? `?ref=${encodeURIComponent(ref)}` : ''
      }`,
    );
  getDataset = (project: string, dataset: string) =>
    this.get<DatasetDetail>(path('datasets', project, dataset));
  getModel = (project: string, model: string) =>
    this.get<RegisteredModel>(path('models', project, model));
  getVersion = (project: string, model: string, version: string) =>
    this.get<ModelVersionDetail>(
      path('models', project, model, 'versions', version),
    );
  getRun = (id: string) => this.get<Run>(path('runs', id));
  listMetrics = (id: string) =>
    this.get<{ items: MetricSeries[] }>(`${path('runs', id)}/metrics`);
  getRefs = () =>
    this.get<{
      branches: { name: string; commit: string }[];
      commits: {
        commit: string;
        message: string;
        author: string;
        date: string;
      }[];
    }>('refs');

  listRuns(query: Record<string, string | undefined>): Promise<RunPage> {
    const given = Object.entries(query).filter(
      (entry): entry is [string, string] => Boolean(entry[1]),
    );
    return this.get<RunPage>(`runs?${new URLSearchParams(given)}`);
  }

  async submitRun(request: RunRequest): Promise<Run> {
    const answer = await this.send('runs', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify(request),
    });
    return answer.json() as Promise<Run>;
  }

  async stopRun(id: string): Promise<void> {
    await this.send(`${path('runs', id)}/stop`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
  }

  async readText(route: string): Promise<string> {
    return (await this.send(route)).text();
  }

  async readBlob(route: string): Promise<Blob> {
    return (await this.send(route)).blob();
  }

  /** Parts of a log as they come, until the step is over. */
  async *followLog(
    id: string,
    node: string,
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    const answer = await this.send(`${this.logRoute(id, node)}?follow=true`, {
      signal,
    });
    const reader = answer
      .body!.pipeThrough(new TextDecoderStream())
      .getReader();
    let rest = '';
    for (
      let part = await reader.read();
      !part.done;
      part = await reader.read()
    ) {
      rest += part.value;
      const events = rest.split('\n\n');
      rest = events.pop()!;
      for (const event of events) {
        if (event.startsWith('event: end')) return;
        if (event.startsWith('data: '))
          yield JSON.parse(event.slice(6)) as string;
      }
    }
  }

  logRoute = (id: string, node: string) =>
    `${path('runs', id, 'nodes', node)}/log`;
  artifactRoute = (id: string, node: string, name: string, below = '') =>
    `${path('runs', id, 'nodes', node, 'artifacts', name)}${
      below ? `/${filePath(below)}` : ''
    }`;
  datasetFileRoute = (project: string, dataset: string, file: string) =>
    `${path('datasets', project, dataset)}/files/${filePath(file)}`;
  versionFileRoute = (
    project: string,
    model: string,
    version: string,
    file: string,
  ) =>
    `${path('models', project, model, 'versions', version)}/files/${filePath(
      file,
    )}`;
}
