import {
  resolvePackagePath,
  type AuthService,
  type DiscoveryService,
} from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

const timeoutMs = 10_000;
const firstWaitMs = 4_000;
const longestWaitMs = 300_000;
const action = 'mlops:project:propose';

/**
 * The template of a new project, where the scaffolder can run it: a form that opens and then fails helps nobody. A scaffolder without
 * our action, or none at all, is asked again, rarer and rarer.
 */
export class ScaffolderTemplates {
  private found: Entity[] = [];
  private askedAt = -Infinity;
  private waitMs: number;

  constructor(
    private readonly options: {
      auth: AuthService;
      discovery: DiscoveryService;
      /** Milliseconds until it is asked for the second time; for tests. */
      firstWaitMs?: number;
    },
  ) {
    this.waitMs = options.firstWaitMs ?? firstWaitMs;
  }

  async list(): Promise<Entity[]> {
    const now = performance.now();
    // Once known it stays: an action goes only with its backend.
    if (this.found.length > 0 || now - this.askedAt < this.waitMs)
      return this.found;
    if (this.askedAt > 0)
      this.waitMs = Math.min(longestWaitMs, this.waitMs * 2);
    this.askedAt = now;
    if (await this.knowsAction()) this.found = [await readTemplate()];
    return this.found;
  }

  private async knowsAction(): Promise<boolean> {
    const { auth, discovery } = this.options;
    try {
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: await auth.getOwnServiceCredentials(),
        targetPluginId: 'scaffolder',
      });
      const answer = await fetch(
        `${await discovery.getBaseUrl('scaffolder')}/v2/actions`,
        {
          headers: { authorization: `Bearer ${token}` },
          signal: AbortSignal.timeout(timeoutMs),
        },
      );
      if (!answer.ok) return false;
      const actions: unknown = await answer.json();
      return Array.isArray(actions) && actions.some(({ id }) => id === action);
    } catch {
      return false;
    }
  }
}

async function readTemplate(): Promise<Entity> {
  const file = resolvePackagePath(
    '@backstage-mlops/plugin-catalog-backend-module-mlops',
    'templates/ml-project.yaml',
  );
  return parse(await readFile(file, 'utf8')) as Entity;
}
