import { pollEvery } from './pollEvery';

const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

describe('pollEvery', () => {
  it('goes on after a failure and tells the same failure once', async () => {
    const told: string[] = [];
    const answers = ['down', 'down', 'ok', 'down', 'lost'];
    let calls = 0;
    const polling = pollEvery(
      1,
      async () => {
        const answer = answers[calls++];
        if (answer && answer !== 'ok') throw new Error(answer);
      },
      message => told.push(message),
    );
    polling.start();
    for (let i = 0; i < 200 && calls < 7; i++) await wait(5);
    polling.stop();
    expect(told).toEqual(['down', 'down', 'lost']);
  });

  it('does nothing more after it was stopped, also while something is going on', async () => {
    let calls = 0;
    let end!: () => void;
    const polling = pollEvery(
      1,
      () => {
        calls++;
        return new Promise<void>(resolve => (end = resolve));
      },
      () => {},
    );
    polling.start();
    polling.stop();
    end();
    await wait(20);
    expect(calls).toBe(1);
  });
});
