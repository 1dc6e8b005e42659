import { withoutExecutor } from './withoutExecutor';

const begin =
  'time=2026-11-28T19:49:26.237Z level=INFO msg="waiting for signals" argo=true signalPath=/var/run/argo/ctr/main/signal\n';
const end =
  'time=2026-11-28T19:49:27.241Z level=INFO msg="sub-process exited" argo=true error="exit status 3"\nError: exit status 3\n';

async function read(...pieces: string[]): Promise<string[]> {
  const seen: string[] = [];
  async function* source() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  for await (const piece of withoutExecutor(source()))
    seen.push(Buffer.from(piece).toString());
  return seen;
}
const whole = async (...pieces: string[]) => (await read(...pieces)).join('');

describe('the log of a step on a cluster', () => {
  it('is what the step wrote, without the lines of the executor', async () => {
    expect(await whole(`${begin}Error: no luck\n${end}`)).toBe(
      'Error: no luck\n',
    );
  });

  it('is the same however it is cut', async () => {
    const text = `${begin}größer\nError: exit status 3\n${end}`;
    const bytes = Buffer.from(text, 'utf8');
    const inPieces = async function* inPieces(size: number) {
      for (let at = 0; at < bytes.length; at += size)
        yield bytes.subarray(at, at + size);
    };
    for (let size = 1; size < 40; size++) {
      const seen: Uint8Array[] = [];
      for await (const piece of withoutExecutor(inPieces(size)))
        seen.push(piece);
      expect(Buffer.concat(seen).toString()).toBe(
        'größer\nError: exit status 3\n',
      );
    }
  });

  it('knows the lines of older executors, and those written as JSON', async () => {
    const older =
      'time="2022-11-27T04:07:37.291Z" level=info msg="running spammer" argo=true\n';
    const json =
      '{"time":"2026-11-28T19:49:27Z","level":"INFO","msg":"sub-process exited","argo":true,"error":"exit status 1"}\nError: exit status 1\n';
    expect(await whole(older, 'one\n', json)).toBe('one\n');
  });

  it('keeps what a step wrote without an end of line, and lines of its own that look alike', async () => {
    expect(await whole(`half${end}`)).toBe('half');
    const own = 'time=2026-11-28T19:49:26Z level=INFO msg=mine\n';
    expect(await whole(own)).toBe(own);
    expect(await whole('Error: exit status 3\n')).toBe(
      'Error: exit status 3\n',
    );
  });

  it('does not wait for the end of a line that cannot be one', async () => {
    expect(await read('10 %', '\r20 %')).toEqual(['10 %', '\r20 %']);
  });
});
