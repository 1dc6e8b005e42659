import { runOf } from '../testUtils/samples';
import { isOver, isStopped, toRunSentence } from './runSentence';

const start = '2026-01-01T10:00:00.000Z';
const end = '2026-01-01T10:00:12.000Z';

describe('toRunSentence', () => {
  it('says that a run waits, however long ago it was asked for', () => {
    expect(
      toRunSentence(runOf({ phase: 'Pending', startedAt: undefined })),
    ).toEqual({ says: 'waits' });
  });

  it('counts a running run from its begin until now', () => {
    expect(toRunSentence(runOf(), Date.parse(end))).toEqual({
      says: 'runs',
      ms: 12_000,
    });
  });

  it('counts a finished run until its end, not until now', () => {
    const run = runOf({ phase: 'Succeeded', finishedAt: end });
    expect(toRunSentence(run, Date.parse(end) + 99_000)).toEqual({
      says: 'succeeded',
      ms: 12_000,
    });
  });

  it('names the step at the root of a failure with its own words', () => {
    const run = runOf({
      phase: 'Failed',
      finishedAt: end,
      message: 'child failed',
      cause: { node: 'fit', message: 'exit code 1: Error: no rows' },
    });
    expect(toRunSentence(run)).toEqual({
      says: 'failedIn',
      ms: 12_000,
      node: 'fit',
      cause: 'exit code 1: Error: no rows',
    });
  });

  it('falls back to the message of the run where no step is to blame', () => {
    const run = runOf({ phase: 'Error', finishedAt: end, message: 'no disk' });
    expect(toRunSentence(run)).toEqual({
      says: 'failed',
      ms: 12_000,
      cause: 'no disk',
    });
  });

  it('calls a stop by a person no failure', () => {
    const run = runOf({
      phase: 'Failed',
      finishedAt: end,
      message: "Stopped with strategy 'Terminate'",
      cause: { node: 'fit', message: 'exit code 143' },
    });
    expect(toRunSentence(run).says).toBe('stopped');
  });

  it.each([
    ['Failed', "Stopped with strategy 'Stop'", true],
    ['Error', "Stopped with strategy 'Terminate'", true],
    ['Failed', 'exit code 1', false],
    ['Failed', undefined, false],
    // A run that goes on again is not stopped, whatever was said of it.
    ['Running', "Stopped with strategy 'Stop'", false],
  ] as const)('%s with the message %s is stopped: %s', (...given) => {
    const [phase, message, stopped] = given;
    expect(isStopped({ phase, message })).toBe(stopped);
  });

  it('counts from the request where a run ended before it began', () => {
    const run = runOf({
      phase: 'Error',
      createdAt: start,
      startedAt: undefined,
      finishedAt: end,
    });
    expect(toRunSentence(run)).toMatchObject({ ms: 12_000 });
  });
});

describe('isOver', () => {
  it.each([
    ['Pending', false],
    ['Running', false],
    ['Succeeded', true],
    ['Failed', true],
    ['Error', true],
  ] as const)('%s: %s', (phase, over) => {
    expect(isOver({ phase })).toBe(over);
  });
});
