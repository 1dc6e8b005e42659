import type { ChangeSummary } from '@backstage-mlops/mlops-core';
import { ChangeStories } from './ChangeStories';

const request = (id: string) =>
  ({
    id,
    author: 'user:default/jen',
    kind: 'revert',
    mergeCommit: `of ${id}`,
  } as ChangeSummary);

describe('ChangeStories', () => {
  const setup = () => {
    const merged: ChangeSummary[] = [];
    let looks = 0;
    const stories = new ChangeStories(
      {
        list: async () => {
          looks++;
          return { items: [...merged] };
        },
      },
      { findAll: async () => new Map() },
    );
    return { merged, stories, looks: () => looks };
  };

  it('finds a request that was merged just after a look that did not find it', async () => {
    const { merged, stories } = setup();
    expect(await stories.of('of 7')).toBeUndefined();
    merged.push(request('7'));
    stories.forget();
    expect(await stories.of('of 7')).toEqual({
      change: '7',
      by: 'user:default/jen',
      kind: 'revert',
    });
  });

  it('looks once for many commits that came without a request', async () => {
    const { stories, looks } = setup();
    for (let i = 0; i < 50; i++) await stories.of(`pushed ${i}`);
    expect(looks()).toBe(1);
  });

  it('looks again after a look that failed', async () => {
    let fails = true;
    const stories = new ChangeStories(
      {
        list: async () => {
          if (fails) throw new Error('database is away');
          return { items: [request('8')] };
        },
      },
      { findAll: async () => new Map() },
    );
    await expect(stories.of('of 8')).rejects.toThrow('database is away');
    fails = false;
    expect((await stories.of('of 8'))?.change).toBe('8');
  });
});
