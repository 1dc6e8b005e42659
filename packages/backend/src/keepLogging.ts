/*
 * A log that goes to a file on a full disk must not cost more than its lines. Node.js destroys the stream at the first one that
 * found no room; the error is then logged, which is another error, and so on without end: nobody is answered any more.
 */
import type { Writable } from 'node:stream';

/** Lets the stream lose what finds no room, and go on once there is some. */
export function keepLogging(stream: Writable): void {
  const write = stream._write;
  stream._write = (chunk, encoding, callback) =>
    write.call(stream, chunk, encoding, () => callback());
}

// A pipe or a terminal has its own ways to fail.
for (const stream of [process.stdout, process.stderr])
  if ((stream as { _type?: string })._type === 'fs') keepLogging(stream);
