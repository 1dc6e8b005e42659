import { followLog, readLog } from '@backstage-mlops/mlops-executor';
import type { Request, Response } from 'express';
import { queryFlag, queryInteger } from '../http/fields';

const maxBytes = 32 * 1024 * 1024;

/** Sends the log of an attempt: the text that is there, or with `?follow=true` server-sent events until the step is over. */
export async function sendLog(
  request: Request,
  response: Response,
  directory: string | undefined,
): Promise<void> {
  const offset = queryInteger(request, 'offset', {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    fallback: 0,
  });
  if (queryFlag(request, 'follow'))
    return followTo({ request, response, directory, offset });
  const limitBytes = queryInteger(request, 'limit', {
    min: 1,
    max: maxBytes,
    fallback: maxBytes,
  });
  const { bytes, sizeBytes } = directory
    ? await readLog(directory, { offset, limitBytes })
    : { bytes: Buffer.alloc(0), sizeBytes: 0 };
  response.set({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'x-log-size': String(sizeBytes),
  });
  response.send(bytes);
  return undefined;
}

interface FollowOptions {
  request: Request;
  response: Response;
  directory: string | undefined;
  offset: number;
}

async function followTo(options: FollowOptions): Promise<void> {
  const { request, response, directory, offset } = options;
  response.set({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  const closed = new AbortController();
  request.on('close', () => closed.abort());
  const beat = setInterval(() => response.write(': still here\n\n'), 15_000);
  const decoder = new TextDecoder();
  try {
    if (directory)
      for await (const chunk of followLog(directory, {
        offset,
        signal: closed.signal,
      })) {
        const free = response.write(
          `data: ${JSON.stringify(
            decoder.decode(chunk, { stream: true }),
          )}\n\n`,
        );
        // A slow reader slows the sending, never the step.
        if (!free)
          await new Promise<void>(resolve => {
            response.once('drain', resolve);
            response.once('close', resolve);
          });
      }
    response.write('event: end\ndata: {}\n\n');
  } finally {
    clearInterval(beat);
    response.end();
  }
}
