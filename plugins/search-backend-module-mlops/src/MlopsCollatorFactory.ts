import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type { Permission } from '@backstage/plugin-permission-common';
import type { DocumentCollatorFactory } from '@backstage/plugin-search-common';
import {
  mlopsPermissions,
  type PortalPages,
  type ProjectSummary,
  type RegisteredModel,
  type RunPage,
} from '@backstage-mlops/mlops-core';
import { Readable } from 'node:stream';
import {
  modelDocuments,
  projectDocument,
  runDocument,
  type MlopsDocument,
} from './toDocuments';
import type { Collated } from './soonerWhileEmpty';

/** What the collator needs. */
export interface MlopsCollatorOptions {
  auth: AuthService;
  discovery: DiscoveryService;
  /** Newest runs that are found. */
  runs: number;
  pages: PortalPages;
}

interface ProjectPage {
  items: ProjectSummary[];
  nextCursor?: string;
}

const pageSize = 200;
// A read that hangs must end before the next one is due.
const timeoutMs = 60_000;

const after = (cursor: string | undefined) =>
  cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';

/** Reads all that can be found from the plugin's own HTTP interface. A failed read fails the collation, and the index stays as it was. */
export class MlopsCollatorFactory implements DocumentCollatorFactory, Collated {
  readonly type = 'mlops';
  readonly visibilityPermission = mlopsPermissions.projectRead as Permission;
  private found = 0;

  constructor(private readonly options: MlopsCollatorOptions) {}

  get isEmpty(): boolean {
    return this.found === 0;
  }

  async canFind(): Promise<boolean> {
    const { items } = await this.read<ProjectPage>('projects?limit=1');
    return items.length > 0;
  }

  async getCollator(): Promise<Readable> {
    return Readable.from(this.counted());
  }

  // What was read to its end is in the index.
  private async *counted(): AsyncGenerator<MlopsDocument> {
    let found = 0;
    for await (const document of this.documents()) {
      found++;
      yield document;
    }
    this.found = found;
  }

  private async *documents(): AsyncGenerator<MlopsDocument> {
    let cursor: string | undefined;
    do {
      const page: ProjectPage = await this.read(
        `projects?limit=${pageSize}${after(cursor)}`,
      );
      for (const project of page.items) yield* this.documentsOf(project);
      cursor = page.nextCursor;
    } while (cursor);
    yield* this.runDocuments();
  }

  private async *documentsOf(
    project: ProjectSummary,
  ): AsyncGenerator<MlopsDocument> {
    const { pages } = this.options;
    yield projectDocument(project, pages);
    for (const { name } of project.models)
      yield* modelDocuments(
        await this.read<RegisteredModel>(
          `models/${encodeURIComponent(project.name)}/${encodeURIComponent(
            name,
          )}`,
        ),
        pages,
      );
  }

  private async *runDocuments(): AsyncGenerator<MlopsDocument> {
    let left = this.options.runs;
    let cursor: string | undefined;
    while (left > 0) {
      const limit = Math.min(left, pageSize);
      const page: RunPage = await this.read(
        `runs?limit=${limit}${after(cursor)}`,
      );
      for (const run of page.items) yield runDocument(run, this.options.pages);
      left -= page.items.length;
      cursor = page.nextCursor;
      if (!cursor) return;
    }
  }

  // A token for each read: what is collated for long outlives one.
  private async read<T>(route: string): Promise<T> {
    const { auth, discovery } = this.options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'mlops',
    });
    const answer = await fetch(
      `${await discovery.getBaseUrl('mlops')}/${route}`,
      {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      },
    );
    if (!answer.ok) throw await ResponseError.fromResponse(answer);
    return (await answer.json()) as T;
  }
}
