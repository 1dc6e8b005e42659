/*
 * A server that does a fixed piece of work for each question, about 20 ms of one core and two writes that wait for the disk, as a
 * database's commit does, in a process of its own: what it takes tells how busy or slow the machine is while something is measured.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const program = `
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { createServer } = require('node:http');
const bytes = Buffer.alloc(1 << 20);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bare-server-'));
const file = fs.openSync(path.join(folder, 'file'), 'w');
const commit = () => {
  fs.writeSync(file, bytes, 0, 4096, 0);
  fs.fsyncSync(file);
};
const work = () => {
  const hash = createHash('sha512');
  for (let round = 0; round < 10; round++) hash.update(bytes);
  commit();
  commit();
  return hash.digest('hex');
};
const server = createServer((_, answer) => answer.end(work()));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('close', () => {
  fs.rmSync(folder, { recursive: true });
  process.exit();
});
`;

export interface BareServer {
  url: string;
  stop(): void;
}

export async function startBareServer(): Promise<BareServer> {
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = await once(child.stdout!, 'data');
  return {
    url: `http://127.0.0.1:${Number(port)}`,
    stop: () => child.stdin!.end(),
  };
}
