import type {
  ActivityPage,
  AliasPage,
  CachePage,
  Change,
  ChangeComparison,
  ChangePage,
  ChangeRequest,
  ChangeUpdate,
  ChecksRequest,
  DatasetDetail,
  Effect,
  Maturity,
  MergeRequest,
  MetricSeries,
  ModelVersionDetail,
  Pipeline,
  ProjectDetail,
  ProjectFileList,
  ProjectFileText,
  ProjectStorage,
  ProjectSummary,
  PromotionPreview,
  PromotionRequest,
  RegisteredModel,
  ResumeRequest,
  RetentionPlan,
  RetryPreview,
  RetryRequest,
  RevertRequest,
  ReviewRequest,
  Run,
  RunCosts,
  RunEstimate,
  RunPage,
  RunRequest,
  SyncPage,
} from '@backstage-mlops/mlops-core';
import { ResponseError } from '@backstage/errors';
import { readEvents } from './readEvents';

/** Fetches with the person's credentials. */
export interface Fetches {
  fetch(input: string, init?: RequestInit): Promise<Response>;
}

/** Answer of `GET refs`. */
export interface Refs {
  branches: { name: string; commit: string }[];
  commits: { commit: string; message: string; author: string; date: string }[];
}

const route = (...parts: string[]) => parts.map(encodeURIComponent).join('/');
const filePath = (text: string) =>
  text.split('/').map(encodeURIComponent).join('/');
const json = { 'content-type': 'application/json' };

/** The plugin's HTTP interface. Every fault is a ResponseError with the server's words. */
export class MlopsClient {
  constructor(private readonly api: Fetches) {}

  private async send(where: string, init?: RequestInit): Promise<Response> {
    const answer = await this.api.fetch(`plugin://mlops/${where}`, init);
    if (!answer.ok) throw await ResponseError.fromResponse(answer);
    return answer;
  }

  private async get<T>(where: string): Promise<T> {
    return (await this.send(where)).json() as Promise<T>;
  }

  /** All projects that the person sees; the server gives them by pages. */
  async listProjects(): Promise<{ items: ProjectSummary[] }> {
    const items: ProjectSummary[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({
        limit: '200',
        ...(cursor === undefined ? {} : { cursor }),
      });
      const page = await this.get<{
        items: ProjectSummary[];
        nextCursor?: string;
      }>(`projects?${query}`);
      items.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return { items };
  }

  getProject(project: string) {
    return this.get<ProjectDetail>(route('projects', project));
  }

  getPipeline(project: string, pipeline: string, ref?: string) {
    const at = ref ? `?ref=${encodeURIComponent(ref)}` : '';
    return this.get<Pipeline>(`${route('pipelines', project, pipeline)}${at}`);
  }

  /** Files of a project's folder, by path. */
  listFiles(project: string, ref?: string) {
    const at = ref ? `?ref=${encodeURIComponent(ref)}` : '';
    return this.get<ProjectFileList>(
      `${route('projects', project)}/files${at}`,
    );
  }

  /** One of them, as a commit has it. */
  getFile(project: string, path: string, ref: string) {
    return this.get<ProjectFileText>(
      `${route('projects', project)}/files/${filePath(
        path,
      )}?ref=${encodeURIComponent(ref)}`,
    );
  }

  getRefs() {
    return this.get<Refs>('refs');
  }

  getDataset(project: string, dataset: string) {
    return this.get<DatasetDetail>(route('datasets', project, dataset));
  }

  getModel(project: string, model: string) {
    return this.get<RegisteredModel>(route('models', project, model));
  }

  getVersion(project: string, model: string, version: string) {
    return this.get<ModelVersionDetail>(
      route('models', project, model, 'versions', version),
    );
  }

  listRuns(query: Record<string, string | undefined>) {
    const given = Object.entries(query).filter(
      (entry): entry is [string, string] => Boolean(entry[1]),
    );
    return this.get<RunPage>(`runs?${new URLSearchParams(given)}`);
  }

  getRun(id: string) {
    return this.get<Run>(route('runs', id));
  }

  listMetrics(id: string) {
    return this.get<{ items: MetricSeries[] }>(`${route('runs', id)}/metrics`);
  }

  /** What the attempts of a run cost. */
  getCosts(id: string) {
    return this.get<RunCosts>(`${route('runs', id)}/costs`);
  }

  /** What a run will probably take; null before one succeeded. */
  getEstimate(project: string, pipeline: string) {
    return this.get<{ estimate: RunEstimate | null }>(
      `${route('pipelines', project, pipeline)}/estimate`,
    );
  }

  /** What a project keeps. */
  getStorage(project: string) {
    return this.get<ProjectStorage>(`${route('projects', project)}/storage`);
  }

  /** What the retention policy would take away; changes nothing. */
  planRetention(project: string) {
    return this.get<RetentionPlan>(`${route('projects', project)}/retention`);
  }

  /** Results of steps that later runs take over, newest first. */
  listCaches(project: string) {
    return this.get<CachePage>(`${route('projects', project)}/caches`);
  }

  /** Forgets one of them: the next run makes it anew. */
  forgetCache(
    project: string,
    { cacheName, key }: { cacheName: string; key: string },
  ): Promise<{ done: true }> {
    return this.post(`${route('projects', project)}/caches/forget`, {
      cacheName,
      key,
    });
  }

  /** Takes away what the retention policy says. */
  applyRetention(project: string): Promise<RetentionPlan> {
    return this.post(`${route('projects', project)}/retention`, {});
  }

  /** Starts a run. The key keeps a request that is sent twice from starting two. */
  async submitRun(request: RunRequest, key: string): Promise<Run> {
    const headers = { ...json, 'idempotency-key': key };
    const body = JSON.stringify(request);
    const answer = await this.send('runs', { method: 'POST', headers, body });
    return answer.json() as Promise<Run>;
  }

  /** Stops, ends at once, suspends, resumes or retries a run. */
  async controlRun(
    id: string,
    wish: 'stop' | 'terminate' | 'suspend' | 'resume' | 'retry',
    body: ResumeRequest | RetryRequest = {},
  ): Promise<Run> {
    return this.post(`${route('runs', id)}/${wish}`, body);
  }

  /** What a retry would run again; changes nothing. */
  planRetry(id: string, body: RetryRequest): Promise<RetryPreview> {
    return this.post(`${route('runs', id)}/retry-plan`, body);
  }

  /** The same run again: commit, parameters and inputs; some parameters with other values. */
  resubmitRun(id: string, parameters?: Record<string, string>): Promise<Run> {
    return this.post(
      `${route('runs', id)}/resubmit`,
      parameters ? { parameters } : {},
    );
  }

  /** Proposed changes, newest first. */
  listChanges(query: Record<string, string | undefined>) {
    const given = Object.entries(query).filter(
      (entry): entry is [string, string] => Boolean(entry[1]),
    );
    return this.get<ChangePage>(`changes?${new URLSearchParams(given)}`);
  }

  getChange(id: string) {
    return this.get<Change>(route('changes', id));
  }

  /** Branches that were pushed and have no open request. */
  listLooseBranches() {
    return this.get<{ items: { branch: string; head: string }[] }>('branches');
  }

  /** Opens a request. The key keeps one that is sent twice from becoming two. */
  openChange(request: ChangeRequest, key: string): Promise<Change> {
    const headers = { ...json, 'idempotency-key': key };
    return this.post('changes', request, { headers });
  }

  updateChange(id: string, update: ChangeUpdate): Promise<Change> {
    return this.post(route('changes', id), update, { method: 'PATCH' });
  }

  reviewChange(id: string, review: ReviewRequest): Promise<Change> {
    return this.post(`${route('changes', id)}/review`, review);
  }

  commentChange(id: string, text: string): Promise<Change> {
    return this.post(`${route('changes', id)}/comment`, { text });
  }

  mergeChange(id: string, merge: MergeRequest): Promise<Change> {
    return this.post(`${route('changes', id)}/merge`, merge);
  }

  closeChange(id: string): Promise<Change> {
    return this.post(`${route('changes', id)}/close`, {});
  }

  /** Puts the branch onto the newest commit of the main branch. */
  rebaseChange(id: string): Promise<Change> {
    return this.post(`${route('changes', id)}/rebase`, {});
  }

  /** Runs a check again, or all of them, or the pipeline on the branch. */
  runChecks(id: string, request: ChecksRequest): Promise<Change> {
    return this.post(`${route('changes', id)}/checks`, request);
  }

  /** The run on the branch beside the last good run of the main branch. */
  getComparison(id: string) {
    return this.get<ChangeComparison>(`${route('changes', id)}/comparison`);
  }

  /** What edits would do; writes nothing. */
  getEffect(request: ChangeRequest, signal?: AbortSignal): Promise<Effect> {
    return this.post('effect', request, { signal });
  }

  /** What a person sees before a version takes an alias; changes nothing. */
  previewPromotion(of: {
    project: string;
    model: string;
    alias: string;
    version: string;
  }) {
    const query = new URLSearchParams({ alias: of.alias, version: of.version });
    return this.get<PromotionPreview>(
      `${route(
        'models',
        of.project,
        of.model,
        'promotions',
        'preview',
      )}?${query}`,
    );
  }

  /** Opens the request that moves an alias. */
  proposePromotion(
    project: string,
    model: string,
    body: PromotionRequest,
  ): Promise<Change> {
    return this.post(route('models', project, model, 'promotions'), body);
  }

  /** Aliases on a day (now, without one) and their history. */
  listAliases(project: string, model: string, at?: string) {
    const query = at ? `?at=${encodeURIComponent(at)}` : '';
    return this.get<AliasPage>(
      `${route('models', project, model, 'aliases')}${query}`,
    );
  }

  /** How everything that git asks for stands. */
  getSync(project: string) {
    return this.get<SyncPage>(`sync?project=${encodeURIComponent(project)}`);
  }

  /** Reads git and puts right what differs, now. */
  syncNow(project: string): Promise<SyncPage> {
    return this.post('sync', { project });
  }

  /** What happened in a project, newest first. */
  listActivity(of: { project: string; model?: string; cursor?: string }) {
    const given = Object.entries({ ...of, limit: '30' }).filter(
      (entry): entry is [string, string] => Boolean(entry[1]),
    );
    return this.get<ActivityPage>(`activity?${new URLSearchParams(given)}`);
  }

  /** Opens a request that takes a commit back. */
  revertCommit(body: RevertRequest): Promise<Change> {
    return this.post('changes/reverts', body);
  }

  /** The level of a project by evidence. */
  getMaturity(project: string) {
    return this.get<Maturity>(`${route('projects', project)}/maturity`);
  }

  private async post<T>(
    where: string,
    body: object,
    init: RequestInit = {},
  ): Promise<T> {
    const answer = await this.send(where, {
      method: 'POST',
      headers: json,
      body: JSON.stringify(body),
      ...init,
    });
    return answer.json() as Promise<T>;
  }

  async readText(where: string): Promise<string> {
    return (await this.send(where)).text();
  }

  async readBlob(where: string): Promise<Blob> {
    return (await this.send(where)).blob();
  }

  /** A log from a byte on, as it grows, until its step is over. */
  async *followLog(
    id: string,
    node: string,
    options: { offset: number; signal: AbortSignal },
  ): AsyncGenerator<string> {
    const where = `${logRoute(id, node)}?follow=true&offset=${options.offset}`;
    const { body } = await this.send(where, { signal: options.signal });
    for await (const { name, data } of readEvents(body!)) {
      if (name === 'end') return;
      yield JSON.parse(data) as string;
    }
    throw new Error('The log broke off before its end.');
  }
}

/** Where the log of a step is. */
export function logRoute(id: string, node: string): string {
  return `${route('runs', id, 'nodes', node)}/log`;
}

/** Where an artifact of a step is, or a file in it. */
export function artifactRoute(
  id: string,
  node: string,
  artifact: { name: string; below?: string },
): string {
  const whole = route('runs', id, 'nodes', node, 'artifacts', artifact.name);
  return artifact.below ? `${whole}/${filePath(artifact.below)}` : whole;
}

/** Where a picture of a dataset's report is. */
export function datasetFileRoute(
  project: string,
  dataset: string,
  file: string,
): string {
  return `${route('datasets', project, dataset)}/files/${filePath(file)}`;
}

/** Where a file of a model version is. */
export function versionFileRoute(
  of: { project: string; model: string; version: string },
  file: string,
): string {
  const { project, model, version } = of;
  const whole = route('models', project, model, 'versions', version);
  return `${whole}/files/${filePath(file)}`;
}
