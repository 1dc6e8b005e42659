/*
 * What must not outlive this process, however it ends: a process of its own (`keeper.cjs`) is told of it, and ends it when nobody
 * holds the other end of a pipe any more.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './paths.mjs';

let keeper;
let isOver = false;
let lastId = 0;

/**
 * Remembers a process (`pid`, negative for its whole group; ended by `signal`) or a `folder` that goes when this process goes. What it
 * returns takes that back.
 */
export function keep(what) {
  lastId += 1;
  const id = lastId;
  keeper ??= start();
  tell({ id, ...what });
  // Started while everything ends: there is nobody who would do it later.
  if (isOver && what.pid) process.kill(what.pid, 'SIGKILL');
  return () => tell({ id });
}

/** Ends everything that is remembered, now, and resolves when it is gone. */
export async function endKept() {
  isOver = true;
  if (!keeper || keeper.exitCode !== null) return;
  const gone = new Promise(resolve => keeper.once('exit', resolve));
  keeper.ref();
  keeper.stdin.end();
  await gone;
}

function start() {
  // In a session of its own, since Ctrl-C is for everything in this one.
  const child = spawn(
    process.execPath,
    [path.join(root, 'scripts/lib/keeper.cjs')],
    { cwd: '/', env: {}, detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  child.stdin.unref();
  return child;
}

function tell(what) {
  if (!isOver) keeper.stdin.write(`${JSON.stringify(what)}\n`);
}
