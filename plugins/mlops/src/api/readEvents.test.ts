import { parseEvent, readEvents } from './readEvents';

function streamOf(...parts: (string | Uint8Array)[]) {
  return new ReadableStream<Uint8Array>({
    start(out) {
      for (const part of parts)
        out.enqueue(
          typeof part === 'string' ? new TextEncoder().encode(part) : part,
        );
      out.close();
    },
  });
}

async function eventsOf(body: ReadableStream<Uint8Array>) {
  const events = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

describe('readEvents', () => {
  it('joins an event that comes in parts, a character cut in two included', async () => {
    const bytes = new TextEncoder().encode(
      'data: ü\n\nevent: end\ndata: x\n\n',
    );
    expect(await eventsOf(streamOf(bytes.slice(0, 7), bytes.slice(7)))).toEqual(
      [
        { name: 'message', data: 'ü' },
        { name: 'end', data: 'x' },
      ],
    );
  });

  it('leaves out comments and what was cut off at the end', async () => {
    expect(
      await eventsOf(streamOf(': beat\n\n', 'data: whole\n\ndata: ha')),
    ).toEqual([{ name: 'message', data: 'whole' }]);
  });
});

it('joins several lines of data', () => {
  expect(parseEvent('data: a\r\ndata: b')?.data).toBe('a\nb');
});
