import { portalPages } from '@backstage-mlops/mlops-core';
import { noticeOfChange, noticeOfRun } from './notices';

const pages = portalPages('/ml');

const run = {
  id: 'train-1',
  project: 'leaves',
  pipeline: 'train',
  phase: 'Failed' as const,
  message: 'step fit failed',
  trigger: { kind: 'person' as const, by: 'user:default/ann' },
};
const owner = 'group:default/botany';

describe('a run that failed', () => {
  it('is told to the owner and to who started it', () => {
    expect(noticeOfRun(run, owner, pages)).toMatchObject({
      to: [owner, 'user:default/ann'],
      link: '/ml/runs/train-1',
      description: 'step fit failed',
      severity: 'high',
    });
  });

  it('is told to the owner alone when a schedule started it', () => {
    const trigger = {
      kind: 'schedule' as const,
      by: 'nightly',
      scheduledFor: '2026-01-01T00:00:00Z',
    };
    expect(noticeOfRun({ ...run, trigger }, owner, pages)?.to).toEqual([owner]);
  });

  it.each([
    { ...run, phase: 'Succeeded' as const },
    { ...run, phase: 'Running' as const },
    { ...run, message: "Stopped with strategy 'Stop'" },
    { ...run, trigger: { kind: 'person' as const, by: 'plugin:scheduler' } },
  ])('is told to nobody when it is none, or nobody would know it', given => {
    const known = given.trigger.by === 'plugin:scheduler' ? 'unknown' : owner;
    expect(noticeOfRun(given, known, pages)).toBeUndefined();
  });
});

describe('a request', () => {
  const change = {
    id: '7',
    title: 'More epochs',
    project: 'leaves',
    state: 'open' as const,
    draft: false,
    author: 'user:default/ann',
    reviewers: ['user:default/rex'],
    requiredReviewers: ['group:default/reviewers', 'user:default/rex'],
  };

  it('waits for those who were asked or whose approval it needs, each once', () => {
    expect(noticeOfChange(change, owner, pages)).toMatchObject({
      to: ['user:default/rex', 'group:default/reviewers'],
      except: 'user:default/ann',
      link: '/ml/changes/7',
    });
  });

  it('waits for the owner when nobody was asked', () => {
    const none = { ...change, reviewers: [], requiredReviewers: [] };
    expect(noticeOfChange(none, owner, pages)?.to).toEqual([owner]);
    expect(noticeOfChange(none, change.author, pages)).toBeUndefined();
  });

  it.each([
    { ...change, draft: true },
    { ...change, state: 'merged' as const },
  ])('that is a draft or done waits for nobody', given =>
    expect(noticeOfChange(given, owner, pages)).toBeUndefined(),
  );
});
