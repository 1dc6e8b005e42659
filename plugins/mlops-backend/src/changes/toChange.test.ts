import type { PullRequestDetail } from '@backstage-mlops/mlops-core';
import { toChange, type ChangeCaller } from './toChange';

const detail: PullRequestDetail = {
  number: 7,
  title: 'Fewer epochs',
  message: '',
  state: 'open',
  draft: false,
  branch: 'mlops/fewer-epochs',
  target: 'main',
  base: 'a'.repeat(40),
  head: 'b'.repeat(40),
  author: 'user:default/ann',
  reviewers: [],
  createdAt: '2026-01-01T10:00:00.000Z',
  updatedAt: '2026-01-01T10:00:00.000Z',
  files: [],
  commits: [],
  checks: [],
  reviews: [],
  comments: [],
};

const seenBy = (caller: ChangeCaller, state: 'open' | 'merged' = 'open') =>
  toChange(
    { ...detail, state },
    {
      facts: {
        key: '1',
        number: 7,
        project: 'leaves',
        kind: 'change',
        createdBy: detail.author,
        createdAt: detail.createdAt,
      },
      blockedBy: [],
      owners: [['group:default/botany', 'user:default/bob']],
      live: false,
      writers: ['user:default/ann'],
      caller,
    },
  ).allowed.approveAsOwner;

describe('an owner by CODEOWNERS', () => {
  const botany = ['group:default/botany'];

  it('is told whether they may approve', () => {
    expect(seenBy({ ref: 'user:default/bob', review: true })).toBe(true);
    expect(seenBy({ ref: 'user:default/bob' })).toBe(false);
    expect(seenBy({ ref: 'user:default/cas', groups: botany })).toBe(false);
  });

  it('is not asked for what they wrote, nor for what is over; nobody else is asked', () => {
    const asked = [
      seenBy({ ref: 'user:default/ann', groups: botany, review: true }),
      seenBy({ ref: 'user:default/bob', review: true }, 'merged'),
      seenBy({ ref: 'user:default/dan', review: true }),
    ];
    expect(asked).toEqual([undefined, undefined, undefined]);
  });
});
