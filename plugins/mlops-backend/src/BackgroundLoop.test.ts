import { mockServices } from '@backstage/backend-test-utils';
import { BackgroundLoop } from './BackgroundLoop';

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

it('goes on after a round that fails, and says how it stands', async () => {
  let rounds = 0;
  const logger = mockServices.logger.mock();
  const loop = new BackgroundLoop({
    name: 'test',
    everyMs: 5,
    logger,
    work: async () => {
      rounds += 1;
      if (rounds === 2 || rounds === 3) throw new Error('no');
    },
  });
  expect(loop.state).toBe('starting');
  await loop.start();
  expect(loop.state).toBe('ok');
  while (rounds < 2) await sleep(1);
  await sleep(1);
  expect(loop.state).toBe('failed');
  while (rounds < 5) await sleep(1);
  expect(loop.state).toBe('ok');
  expect(logger.warn).toHaveBeenCalledTimes(1);
  await loop.stop();
  expect(loop.state).toBe('stopped');
  const before = rounds;
  await sleep(30);
  expect(rounds).toBe(before);
});

it('gives up a round that hangs and begins the next', async () => {
  let rounds = 0;
  let given = false;
  const loop = new BackgroundLoop({
    name: 'test',
    everyMs: 5,
    patienceMs: 20,
    logger: mockServices.logger.mock(),
    work: signal => {
      rounds += 1;
      if (rounds > 1) return Promise.resolve();
      signal.addEventListener('abort', () => (given = true));
      return new Promise(() => {});
    },
  });
  await loop.start();
  expect([loop.state, given]).toEqual(['failed', true]);
  while (rounds < 3) await sleep(1);
  expect(loop.state).toBe('ok');
  await loop.stop();
});
