/* Requests by pages, and branches that wait for a request. */
import { InputError, type PullRequest } from '@backstage-mlops/mlops-core';
import type { GithubReader } from './GithubReader';
import type { GithubRepository } from './GithubRepository';

export class GithubLists {
  constructor(
    private readonly repository: GithubRepository,
    private readonly reader: GithubReader,
    /** The branch that changes go to. */
    private readonly target: string,
  ) {}

  /** Newest first. */
  async list(query: {
    state?: PullRequest['state'];
    limit: number;
    cursor?: string;
  }): Promise<{ items: PullRequest[]; nextCursor?: string }> {
    const from = readCursor(query.cursor);
    const found: { raw: any; page: number }[] = [];
    for (
      let page = from.page, next = true;
      next && found.length <= query.limit;
      page++
    ) {
      const answer = await this.repository.page(
        'GET /pulls',
        {
          state: stateOf(query.state),
          base: this.target,
          sort: 'created',
          direction: 'desc',
        },
        page,
      );
      next = answer.next;
      for (const raw of answer.data)
        if (raw.number < from.before && isIn(raw, query.state))
          found.push({ raw, page });
    }
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: await Promise.all(
        shown.map(({ raw }) => this.reader.summary(raw)),
      ),
      ...(last && found.length > query.limit
        ? { nextCursor: `${last.page}.${last.raw.number}` }
        : {}),
    };
  }

  /** Branches with commits of their own and without a request. */
  async looseBranches(): Promise<{ branch: string; head: string }[]> {
    const [branches, requests] = await Promise.all([
      this.repository.all('GET /branches'),
      this.repository.all('GET /pulls', {
        state: 'all',
        sort: 'updated',
        direction: 'desc',
      }),
    ]);
    const taken = new Set(
      requests.map(({ state, head }) =>
        state === 'open' ? head.ref : `${head.ref} ${head.sha}`,
      ),
    );
    const loose = branches
      .map(({ name, commit }) => ({
        branch: name as string,
        head: commit.sha as string,
      }))
      .filter(
        ({ branch, head }) =>
          branch !== this.target &&
          !taken.has(branch) &&
          !taken.has(`${branch} ${head}`),
      );
    const ahead = await Promise.all(
      loose.map(({ head }) => this.isAhead(head)),
    );
    return loose.filter((_, index) => ahead[index]);
  }

  private async isAhead(commit: string): Promise<boolean> {
    const found = await this.repository.find('GET /compare/{basehead}', {
      basehead: `${this.target}...${commit}`,
      per_page: 1,
    });
    return (found?.ahead_by ?? 0) > 0;
  }
}

const stateOf = (state?: PullRequest['state']) => {
  if (!state) return 'all';
  return state === 'open' ? 'open' : 'closed';
};

const isIn = (raw: any, state?: PullRequest['state']) =>
  state === undefined || (raw.merged_at ? 'merged' : raw.state) === state;

// Requests that were opened since move the others to later places, never to earlier ones.
function readCursor(cursor?: string): { page: number; before: number } {
  if (cursor === undefined) return { page: 1, before: Infinity };
  const [, page, before] = /^(\d{1,6})\.(\d{1,12})$/.exec(cursor) ?? [];
  if (!page)
    throw new InputError(
      `cursor must be one that a list gave, not '${cursor.slice(0, 50)}'.`,
      'invalid-field',
    );
  return { page: Number(page), before: Number(before) };
}
