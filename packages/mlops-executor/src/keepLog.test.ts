import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keepLog } from './keepLog';
import { readLog } from './readLog';
import { readStep } from './step';

const bytes = (text: string) => new TextEncoder().encode(text);
const end = async () => ({ exitCode: 0, finishedAt: '2026-01-01T00:00:00Z' });

describe('a log that is kept', () => {
  let directory: string;
  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), 'keep-log-'));
  });
  afterEach(() => fs.rmSync(directory, { recursive: true }));

  it('reads as that of a step: it runs until its end is written', async () => {
    async function* read() {
      yield bytes('one\n');
      expect((await readStep(directory)).state).toBe('running');
      yield bytes('two\n');
    }
    await keepLog(directory, { read, end });
    expect((await readLog(directory)).bytes.toString()).toBe('one\ntwo\n');
    expect(await readStep(directory)).toMatchObject({
      state: 'exited',
      exitCode: 0,
    });
  });

  it('goes on where it was cut off, with nothing twice and nothing lost', async () => {
    async function* broken() {
      yield bytes('one\ntw');
      throw new Error('the portal went');
    }
    await expect(keepLog(directory, { read: broken, end })).rejects.toThrow(
      'went',
    );
    async function* whole() {
      for (const piece of ['on', 'e\ntwo\nth', 'ree\n']) yield bytes(piece);
    }
    await keepLog(directory, { read: whole, end });
    expect((await readLog(directory)).bytes.toString()).toBe(
      'one\ntwo\nthree\n',
    );
  });

  it('keeps the beginning of a log that is too long, and says so', async () => {
    async function* read() {
      for (let i = 0; i < 10; i++) yield bytes('0123456789');
    }
    await keepLog(directory, { read, end, limitBytes: 25 });
    const text = (await readLog(directory)).bytes.toString();
    expect(text).toBe(
      '0123456789012345678901234\n[the log goes on; its first 25 bytes are kept]\n',
    );
  });
});
