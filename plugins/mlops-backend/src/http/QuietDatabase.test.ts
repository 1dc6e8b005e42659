import type { Response } from 'express';
import { QuietDatabase } from './QuietDatabase';

const never = new Promise<never>(() => {});
const response = (headersSent = false) => ({ headersSent } as Response);
const limits = { afterMs: 5, patienceMs: 5 };
const later = (ms: number) =>
  new Promise<string>(resolve => {
    setTimeout(resolve, ms, 'done');
  });

it('says that the database does not answer while a call waits for it', async () => {
  const quiet = new QuietDatabase({ ask: () => never, ...limits });
  await expect(quiet.during(response(), never)).rejects.toMatchObject({
    name: 'ServiceUnavailableError',
    code: 'unavailable',
  });
});

it('takes one that refuses for one that does not answer, and lets calls that wait together look together', async () => {
  let looks = 0;
  const refusing = new QuietDatabase({
    ask: async () => {
      looks += 1;
      await later(20);
      throw new Error('refused');
    },
    afterMs: 5,
    patienceMs: 60_000,
  });
  const calls = Array.from({ length: 20 }, () =>
    refusing.during(response(), never),
  );
  for (const call of await Promise.allSettled(calls))
    expect(call.status).toBe('rejected');
  expect(looks).toBe(1);
});

it('lets a call go on that takes long while the database answers, or that has begun to answer', async () => {
  const well = new QuietDatabase({ ask: async () => 1, ...limits });
  expect(await well.during(response(), later(60))).toBe('done');
  const quiet = new QuietDatabase({ ask: () => never, ...limits });
  expect(await quiet.during(response(true), later(60))).toBe('done');
  await expect(
    well.during(response(), Promise.reject(new Error('its own'))),
  ).rejects.toThrow('its own');
});
