/* Connections of real processes to a real server, some of them steps that hide, for a portal of root and of a normal user. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readLog, stopStep, waitForEnd, type StepSpec } from './index';

/** Starts a server that says what it takes each caller for, and the steps of its environment; prints the port. */
const serverProgram = `
const { isFromStep, startStep } = require(process.argv[1]);
const server = require('node:net').createServer(socket => {
  socket.on('error', () => {});
  isFromStep(socket).then(
    answer => socket.end(answer ? 'a step' : 'somebody'),
    error => socket.end(String(error)),
  );
});
server.listen(0, async () => {
  const { port } = server.address();
  for (const spec of JSON.parse(process.env.SPECS))
    await startStep({ ...spec, env: { ...spec.env, PORT: String(port) } });
  console.log(port);
});
`;

const plain = `
import socket, os, ctypes
def ask(host, family=socket.AF_INET):
    s = socket.socket(family)
    s.connect((host, int(os.environ['PORT'])))
    return s
`;
const ask = (more: string) => `${plain}${more}`;
const says = 'print(s.makefile().read(), flush=True)\n';

const hasIPv6 = Object.values(os.networkInterfaces()).some(entries =>
  entries?.some(({ address }) => address === '::1'),
);
const programs: (readonly [string, string])[] = [
  ['plainly', `s = ask('127.0.0.1')\n${says}`],
  // A machine may have no IPv6.
  ...(hasIPv6
    ? [['over IPv6', `s = ask('::1', socket.AF_INET6)\n${says}`] as const]
    : []),
  ['by another loopback address', `s = ask('127.1.2.3')\n${says}`],
  [
    'by a process that nobody may look at',
    `ctypes.CDLL(None).prctl(4, 0)\ns = ask('127.0.0.1')\n${says}`,
  ],
  [
    'by a process that left its parents and its session',
    `s = ask('127.0.0.1')
r, w = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.write(w, s.makefile().read().encode())
    os._exit(0)
s.close(); os.close(w)
print(os.fdopen(r).read(), flush=True)
`,
  ],
  [
    'by processes that hand the connection on without end',
    `s = ask('127.0.0.1')
r, w = os.pipe()
if os.fork() == 0:
    s.settimeout(0.001)
    while True:
        try:
            os.write(w, s.recv(100)); os._exit(0)
        except OSError:
            if os.fork(): os._exit(0)
s.close(); os.close(w)
print(os.fdopen(r).read(), flush=True)
`,
  ],
];

const isRoot = process.getuid?.() === 0;
// Run by a normal user there is no other to try.
const users: [string, number][] = isRoot
  ? [
      ['root', 0],
      ['a normal user', 54321],
    ]
  : [['a normal user', process.getuid!()]];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-from-'));
  chmodSync(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function specsOf(user: number): StepSpec[] {
  const base = path.join(folder, String(user));
  mkdirSync(base);
  chownSync(base, user, user);
  return [...programs, ['long', 'import time; time.sleep(300)'] as const].map(
    ([, more], index) => ({
      attemptId: `from-${process.pid}-${user}-${index}`,
      directory: path.join(base, String(index)),
      command: ['python3', '-c', ask(more)],
      env: { PATH: '/usr/bin:/bin' },
      mounts: [],
      writable: [],
      isolation: 'namespaces',
    }),
  );
}

/** What a process prints until it closes its output. */
async function textOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', chunk => (text += chunk));
  await new Promise(resolve => child.once('close', resolve));
  return text.trim();
}

async function startServer(user: number, specs: StepSpec[]) {
  const transform = require.resolve('@backstage/cli/config/nodeTransform.cjs');
  const server = spawn(
    process.execPath,
    [
      '--require',
      transform,
      '-e',
      serverProgram,
      path.join(__dirname, 'index.ts'),
    ],
    {
      env: { SPECS: JSON.stringify(specs), HOME: folder },
      uid: user,
      gid: user,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const port = await new Promise<string>((resolve, reject) => {
    server.stdout.once('data', data => resolve(String(data).trim()));
    server.once('exit', code => reject(new Error(`the server ended: ${code}`)));
  });
  return { server, port };
}

it.each(users)(
  'tells steps from others, when the portal runs as %s',
  async (_name, user) => {
    const specs = specsOf(user);
    const { server, port } = await startServer(user, specs);
    const long = specs.at(-1)!.directory;
    try {
      const answers: [string, string][] = [];
      for (const [index, [name]] of programs.entries()) {
        await waitForEnd(specs[index].directory);
        const log = await readLog(specs[index].directory);
        answers.push([name, log.bytes.toString().trim()]);
      }
      expect(answers).toEqual(programs.map(([name]) => [name, 'a step']));

      // The long step still runs. What hides from its own portal, too, is taken for a step only if it is one.
      const others = programs.filter(([, more]) => !/while/.test(more));
      for (const [name, more] of others)
        for (const uid of new Set([user, process.getuid!()])) {
          const other = spawn('python3', ['-c', ask(more)], {
            env: { PATH: '/usr/bin:/bin', PORT: port },
            uid,
            gid: uid,
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          expect([name, uid, await textOf(other)]).toEqual([
            name,
            uid,
            'somebody',
          ]);
        }
    } finally {
      await stopStep(long, { graceSeconds: 0 });
      await waitForEnd(long);
      server.kill();
    }
  },
  120_000,
);
