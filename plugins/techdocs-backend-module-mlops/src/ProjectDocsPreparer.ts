import {
  resolveSafeChildPath,
  type AuthService,
  type DiscoveryService,
} from '@backstage/backend-plugin-api';
import type { ProjectDocs } from '@backstage-mlops/mlops-core';
import type { Entity } from '@backstage/catalog-model';
import { NotModifiedError, ResponseError } from '@backstage/errors';
import type {
  PreparerBase,
  PreparerOptions,
  PreparerResponse,
} from '@backstage/plugin-techdocs-node';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { recordFile } from './ProjectDocsGenerator';

/** What the preparer needs. */
export interface ProjectDocsPreparerOptions {
  auth: Pick<AuthService, 'getOwnServiceCredentials' | 'getPluginRequestToken'>;
  discovery: Pick<DiscoveryService, 'getBaseUrl'>;
  /** For entities that are no projects of ours. */
  others: PreparerBase;
}

const timeoutMs = 30_000;

/** Asks the portal for the pages of a project and puts them into a folder. */
export class ProjectDocsPreparer implements PreparerBase {
  constructor(private readonly options: ProjectDocsPreparerOptions) {}

  shouldCleanPreparedDirectory(): boolean {
    return true;
  }

  /** NotModifiedError when the pages are those of `etag`. */
  async prepare(
    entity: Entity,
    options?: PreparerOptions,
  ): Promise<PreparerResponse> {
    if (entity.kind.toLocaleLowerCase('en-US') !== 'mlproject')
      return this.options.others.prepare(entity, options);
    const docs = await this.read(entity.metadata.name);
    if (docs.version === options?.etag)
      throw new NotModifiedError(`the docs are those of ${docs.version}`);
    return { preparedDir: await write(docs), etag: docs.version };
  }

  private async read(project: string): Promise<ProjectDocs> {
    const { auth, discovery } = this.options;
    const { token } = await auth.getPluginRequestToken({
      onBehalfOf: await auth.getOwnServiceCredentials(),
      targetPluginId: 'mlops',
    });
    const answer = await fetch(
      `${await discovery.getBaseUrl('mlops')}/projects/${encodeURIComponent(
        project,
      )}/docs`,
      {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      },
    );
    if (!answer.ok) throw await ResponseError.fromResponse(answer);
    return (await answer.json()) as ProjectDocs;
  }
}

async function write({ files, ...docs }: ProjectDocs): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-docs-'));
  for (const file of files) {
    const place = resolveSafeChildPath(folder, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, Buffer.from(file.base64, 'base64'));
  }
  await writeFile(path.join(folder, recordFile), JSON.stringify(docs));
  return folder;
}
