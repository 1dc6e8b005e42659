import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { keep } from './keeper.mjs';
import { root } from './paths.mjs';
import { childEnvironment } from './run.mjs';
import { Trouble } from './say.mjs';

// A process grows with every module that it loaded again.
const mutantsPerProcess = 100;

/** Runs the tests of a room in a process that stays, with one fault after another. */
export class MutantTests {
  constructor({ node, folder, tests }) {
    Object.assign(this, { node, folder, tests });
    this.timeoutMs = 600_000;
    this.left = 0;
  }

  /** The tests must pass on the code as it is, and their time is the measure of one that never ends. */
  async checkUnchanged() {
    const began = Date.now();
    const failed = await this.run({ tests: this.tests });
    if (failed !== undefined)
      throw new Trouble(`The tests fail without any fault: ${failed}`);
    this.timeoutMs = (Date.now() - began) * 4 + 20_000;
  }

  /** The first test that sees the fault; undefined when none does. */
  async firstFailure({ file, from, to, becomes }) {
    const place = path.join(root, file);
    const text = fs.readFileSync(place, 'utf8');
    return this.run({
      tests: this.tests,
      file: place,
      code: text.slice(0, from) + becomes + text.slice(to),
    });
  }

  end() {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  async run(order) {
    if (this.left === 0 || !this.child) this.start();
    this.left -= 1;
    const { child } = this;
    const endless = 'the tests never ended';
    const failed = await new Promise(resolve => {
      const settle = answer => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('close', onClose);
        resolve(answer);
      };
      const timer = setTimeout(() => settle(endless), this.timeoutMs);
      const onMessage = message => settle(message.failed);
      const onClose = code => {
        this.child = undefined;
        settle(`the tests ended the process (${code}): ${this.said}`);
      };
      child.on('message', onMessage);
      child.on('close', onClose);
      child.send(order);
    });
    if (failed === endless) this.end();
    return failed;
  }

  start() {
    this.end();
    this.left = mutantsPerProcess;
    this.said = '';
    const runner = path.join(root, 'scripts/lib/mutantRunner.cjs');
    this.child = fork(runner, [root, this.folder], {
      execPath: this.node,
      cwd: root,
      env: childEnvironment(this.node),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    // A fault may keep it so busy that it never sees its parent go.
    const release = keep({ pid: this.child.pid, signal: 'SIGKILL' });
    this.child.once('exit', release);
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on('data', data => {
        this.said = (this.said + data).slice(-600);
      });
  }
}
