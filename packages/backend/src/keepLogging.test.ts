import { Writable } from 'node:stream';
import { keepLogging } from './keepLogging';

it('loses the lines that find no room, and none of those that do', async () => {
  const written: string[] = [];
  let isFull = false;
  const log = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, callback) {
      if (!isFull) written.push(chunk);
      callback(
        isFull
          ? Object.assign(new Error('no space left'), { code: 'ENOSPC' })
          : null,
      );
    },
  });
  keepLogging(log);
  const errors: Error[] = [];
  log.on('error', error => errors.push(error));
  const say = (text: string) =>
    new Promise<void>(resolve => log.write(text, () => resolve()));
  await say('one');
  isFull = true;
  await say('two');
  await say('three');
  isFull = false;
  await say('four');
  expect(written).toEqual(['one', 'four']);
  expect(errors).toEqual([]);
  expect(log.destroyed).toBe(false);
});
