import { changeOf } from '../testUtils/samples';
import { againMs } from './ChangePage';
import { lastVerdict, toChangeSentence } from './changeSentence';

const { head } = changeOf();
const check = (state: 'pending' | 'passed' | 'failed', commit = head) => ({
  name: 'files',
  state,
  commit,
  message: '',
  updatedAt: '2026-01-01T10:00:00.000Z',
});
const waits = { mergeable: false, blockedBy: ['Somebody must approve it.'] };

describe('toChangeSentence', () => {
  it.each([
    [{}, { says: 'ready' }],
    [{ draft: true, ...waits }, { says: 'draft' }],
    [
      {
        conflicts: [{ path: 'a', line: 1, ours: [], base: [], theirs: [] }],
        ...waits,
      },
      { says: 'conflicts' },
    ],
    [
      { checks: [check('failed')], ...waits },
      { says: 'failed', names: ['files'] },
    ],
    [
      { checks: [check('pending')], ...waits },
      { says: 'pending', names: ['files'] },
    ],
    [waits, { says: 'blocked', reason: 'Somebody must approve it.' }],
    [{ state: 'merged' as const, live: false }, { says: 'waitsLive' }],
    [{ state: 'merged' as const, live: true }, { says: 'live' }],
    [{ state: 'closed' as const }, { says: 'closed' }],
  ])('of %o is %o', (changes, sentence) => {
    expect(toChangeSentence(changeOf(changes))).toEqual(sentence);
  });

  it('does not wait for a check of an older commit, or for one that does not block', () => {
    expect(
      toChangeSentence(
        changeOf({ checks: [check('failed', 'older')], ...waits }),
      ).says,
    ).toBe('blocked');
    expect(toChangeSentence(changeOf({ checks: [check('failed')] })).says).toBe(
      'ready',
    );
  });
});

describe('lastVerdict', () => {
  it('stands by a verdict when only a comment came after it', () => {
    const review = (verdict: 'approved' | 'commented', at: string) => ({
      by: 'user:default/rex',
      verdict,
      commit: head,
      at,
    });
    const reviews = [
      review('approved', '2026-01-01T10:00:00.000Z'),
      review('commented', '2026-01-01T11:00:00.000Z'),
    ];
    expect(lastVerdict({ reviews }, 'user:default/rex')?.verdict).toBe(
      'approved',
    );
    expect(lastVerdict({ reviews }, 'user:default/eva')).toBeUndefined();
  });
});

describe('againMs', () => {
  it('looks often while something goes on, seldom otherwise, and never at the end', () => {
    const often = againMs(changeOf({ checksState: 'pending' }))!;
    expect(often).toBeLessThan(againMs(changeOf())!);
    expect(
      againMs(
        changeOf({
          trialRun: { id: 'train-2', phase: 'Running', pipeline: 'train' },
        }),
      ),
    ).toBe(often);
    expect(againMs(changeOf({ state: 'merged' }))).toBe(often);
    expect(againMs(changeOf({ state: 'merged', live: true }))).toBeUndefined();
    expect(againMs(changeOf({ state: 'closed' }))).toBeUndefined();
  });
});
