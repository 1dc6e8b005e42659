import { versionOf } from '../testUtils/samples';
import { compareVersions } from './compareVersions';

function judge(name: string, before: number, now: number, primary?: any) {
  const found = compareVersions(
    versionOf({ metrics: { [name]: now } }),
    versionOf({ metrics: { [name]: before } }),
    primary,
  );
  return found.metrics[0].judged;
}

describe('compareVersions', () => {
  it('judges the primary metric by the direction that the project declares', () => {
    const primary = { name: 'cost', direction: 'lower' };
    expect(judge('cost', 3, 2, primary)).toBe('better');
    expect(judge('cost', 2, 3, primary)).toBe('worse');
  });

  it('knows by their names that losses fall and accuracies rise', () => {
    expect(judge('validation_loss', 0.3, 0.2)).toBe('better');
    expect(judge('accuracy', 0.9, 0.8)).toBe('worse');
  });

  it('claims nothing of a metric that it does not know', () => {
    expect(judge('images_per_second', 10, 20)).toBeUndefined();
  });

  it('takes the dust of floating-point sums for no change', () => {
    expect(judge('loss', 0.3, 0.1 + 0.2)).toBeUndefined();
  });

  it('leaves out metrics that only one version has', () => {
    const found = compareVersions(
      versionOf({ metrics: { a: 1, b: 2 } }),
      versionOf({ metrics: { b: 1, c: 3 } }),
    );
    expect(found.metrics.map(({ name }) => name)).toEqual(['b']);
  });

  it('lists parameters that differ, came or went, and whether the data are the same', () => {
    const found = compareVersions(
      versionOf({
        parameters: { seed: '1', rate: '2', fresh: 'x' },
        dataset: { name: 'd', digest: 'two' },
      }),
      versionOf({
        parameters: { seed: '1', rate: '1', gone: 'y' },
        dataset: { name: 'd', digest: 'one' },
      }),
    );
    expect(found.sameData).toBe(false);
    expect(found.parameters).toEqual([
      { name: 'fresh', before: undefined, now: 'x' },
      { name: 'gone', before: 'y', now: undefined },
      { name: 'rate', before: '1', now: '2' },
    ]);
  });
});
