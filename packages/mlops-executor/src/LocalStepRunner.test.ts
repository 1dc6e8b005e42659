import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  LocalStepRunner,
  probeIsolation,
  readLog,
  readStep,
  waitForEnd,
  type ArtifactBytes,
} from './index';

class MemoryBytes implements ArtifactBytes {
  readonly files = new Map<string, Buffer>();
  async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array) {
    const parts: Uint8Array[] = [];
    if (body instanceof Uint8Array) parts.push(body);
    else for await (const part of body) parts.push(part);
    this.files.set(key, Buffer.concat(parts));
    return { digest: '', sizeBytes: this.files.get(key)!.length };
  }
  async get(key: string) {
    const found = this.files.get(key);
    if (!found) throw new Error(`no bytes under ${key}`);
    return {
      body: (async function* body() {
        yield found;
      })(),
      sizeBytes: found.length,
    };
  }
  async list(prefix: string) {
    return [...this.files]
      .filter(([key]) => key.startsWith(`${prefix}/`))
      .map(([key, { length }]) => ({ key, sizeBytes: length }));
  }
}

let folder: string;
const artifacts = new MemoryBytes();
const runner = new LocalStepRunner({
  artifacts,
  fetchGit: async (_repo, revision, target) => {
    await mkdir(target, { recursive: true });
    await writeFile(path.join(target, 'hello.txt'), `source at ${revision}\n`);
  },
  environments: [{ images: ['tools:*'], mounts: [] }],
});

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function begin(
  template: Record<string, any>,
  more: {
    isolation?: 'namespaces' | 'none';
    activeDeadlineSeconds?: number;
    captureResult?: boolean;
  } = {},
) {
  const id = `step-${count++}`;
  const directory = path.join(folder, id);
  await mkdir(directory, { recursive: true });
  await runner.start({
    attemptId: id,
    directory,
    request: {
      nodeId: id,
      nodeName: id,
      podName: id,
      templateName: 't',
      template,
      captureResult: more.captureResult ?? false,
      activeDeadlineSeconds: more.activeDeadlineSeconds,
    },
    env: { TOKEN: 'run-token' },
    isolation: more.isolation ?? 'namespaces',
    artifactKeyPrefix: `workflows/run/${id}`,
  });
  return directory;
}
async function run(
  template: Record<string, any>,
  more: Parameters<typeof begin>[1] = {},
) {
  const directory = await begin(template, more);
  await waitForEnd(directory);
  const observation = await runner.observe(directory);
  return {
    observation,
    directory,
    log: (await readLog(directory)).bytes.toString(),
  };
}
const script = (source: string, rest: object = {}) => ({
  name: 't',
  script: { image: 'tools:1', command: ['sh'], source },
  ...rest,
});

it('has isolation on the machine that runs the tests', async () => {
  expect(await probeIsolation()).toEqual({ available: true });
});

describe.each(['namespaces', 'none'] as const)(
  'a step with isolation %s',
  isolation => {
    it('keeps log, result and exit code', async () => {
      const { observation, log } = await run(
        script('echo one; echo two >&2; echo "$TOKEN"; exit 7'),
        { isolation, captureResult: true },
      );
      expect(observation).toMatchObject({
        phase: 'Failed',
        exitCode: 7,
        outputs: { result: 'one\nrun-token' },
      });
      expect(log).toContain('two');
    });

    it('gives parameters and artifacts to the next step at declared absolute paths', async () => {
      const first = await run(
        script(
          'mkdir -p /tmp/model && echo weights > /tmp/model/w.txt && printf "0.93\\n" > /tmp/acc && cat /srv/project/hello.txt /tmp/in.txt',
          {
            inputs: {
              artifacts: [
                {
                  name: 'src',
                  path: '/srv/project',
                  git: { repo: 'r', revision: 'abc' },
                },
                { name: 'in', path: '/tmp/in.txt', raw: { data: 'raw text' } },
              ],
            },
            outputs: {
              parameters: [{ name: 'acc', valueFrom: { path: '/tmp/acc' } }],
              artifacts: [
                { name: 'model', path: '/tmp/model' },
                { name: 'flat', path: '/tmp/model', archive: { none: {} } },
              ],
            },
          },
        ),
        { isolation },
      );
      expect(first.log).toBe('source at abc\nraw text');
      expect(first.observation).toMatchObject({
        phase: 'Succeeded',
        outputs: { parameters: [{ name: 'acc', value: '0.93' }] },
      });
      const [model, flat] = first.observation.outputs!.artifacts!;
      const second = await run(
        script('cat /srv/in/m/w.txt /srv/in/flat/w.txt', {
          inputs: {
            artifacts: [
              { ...model, path: '/srv/in/m' },
              { ...flat, path: '/srv/in/flat' },
            ],
          },
        }),
        { isolation },
      );
      expect({ log: second.log, ...second.observation }).toMatchObject({
        log: 'weights\nweights\n',
        phase: 'Succeeded',
      });
    });

    it('ends at its deadline with everything it started', async () => {
      const { observation } = await run(
        script(
          'trap "" TERM; sleep 300 & setsid sleep 301 & echo started; sleep 302',
        ),
        { isolation, activeDeadlineSeconds: 0.5 },
      );
      expect(observation).toMatchObject({
        phase: 'Failed',
        message:
          'Pod was active on the node longer than the specified deadline',
      });
    }, 20_000);
  },
);

it('runs steps side by side that use the same absolute path', async () => {
  const runs = await Promise.all(
    ['a', 'b', 'c'].map(name =>
      run(script(`echo ${name} > /tmp/same; sleep 0.2; cat /tmp/same`)),
    ),
  );
  expect(runs.map(({ log }) => log)).toEqual(['a\n', 'b\n', 'c\n']);
});

it("sees nothing of the host but programs: no home, no environment, no other process, no portal's folder", async () => {
  process.env.PORTAL_SECRET = 'do-not-tell';
  const secret = path.join(folder, 'secret.txt');
  await writeFile(secret, 'secret of the portal');
  const { log } = await run(
    script(
      `env; ls / /home /root /srv 2>&1; cat ${secret} /etc/shadow 2>&1; ls /proc | grep -c '^[0-9]'; id -u; cat /proc/self/status | grep CapEff; echo 1 > /proc/sys/kernel/panic`,
    ),
  );
  expect(log).not.toContain('do-not-tell');
  expect(log).not.toContain('secret of the portal');
  expect(log).not.toMatch(/root:\$/);
  expect(Number(/^(\d+)$/m.exec(log)![1])).toBeLessThan(8);
  expect(log).toMatch(/CapEff:\s+0+$/m);
  expect(log).toMatch(/panic: (Permission denied|Read-only file system)/i);
  delete process.env.PORTAL_SECRET;
});

it('leaves no process behind when it is stopped', async () => {
  const mark = `98${Date.now() % 1_000_000}`;
  const directory = await begin(
    script(
      `trap "" TERM; (trap "" TERM; setsid sleep ${mark}) & sleep ${mark}`,
    ),
  );
  while ((await readStep(directory)).state !== 'running')
    await new Promise(resolve => setTimeout(resolve, 20));
  await new Promise(resolve => setTimeout(resolve, 300));
  expect(spawnSync('pgrep', ['-f', `sleep ${mark}`]).status).toBe(0);
  await runner.stop(directory, 'stopped', 0.5);
  await waitForEnd(directory);
  expect(spawnSync('pgrep', ['-f', `^sleep ${mark}`]).status).toBe(1);
  expect(await runner.observe(directory)).toMatchObject({ phase: 'Failed' });
}, 20_000);

it('says what is missing: program, output, input, image', async () => {
  const missing = await run({
    name: 't',
    container: { image: 'tools:1', command: ['nothing-here'] },
  });
  expect(missing.observation).toMatchObject({
    phase: 'Failed',
    exitCode: 64,
    message:
      'failed to find name in PATH: exec: "nothing-here": executable file not found in $PATH',
  });
  const output = await run(
    script('true', {
      outputs: { parameters: [{ name: 'x', valueFrom: { path: '/tmp/x' } }] },
    }),
  );
  expect(output.observation).toMatchObject({
    phase: 'Error',
    exitCode: 0,
    executorFault: {
      container: 'wait',
      message:
        'open /var/run/argo/outputs/parameters/tmp/x: no such file or directory',
    },
  });
  const input = await run(
    script('true', {
      inputs: {
        artifacts: [{ name: 'm', path: '/m', s3: { key: 'none/m.tgz' } }],
      },
    }),
  );
  expect(input.observation).toMatchObject({
    phase: 'Error',
    executorFault: { container: 'init' },
  });
  const image = await run({
    name: 't',
    container: { image: 'other:1', command: ['true'] },
  });
  expect(image.observation.executorFault!.message).toContain(
    'mlops.local.environments',
  );
});

it('refuses links and devices as outputs', async () => {
  const { observation } = await run(
    script(
      'ln -s /etc/passwd /tmp/link; mkdir /tmp/d; ln -s ../../../../etc /tmp/d/up; mkfifo /tmp/pipe',
      {
        outputs: {
          artifacts: ['link', 'd', 'pipe'].map(name => ({
            name,
            path: `/tmp/${name}`,
          })),
        },
      },
    ),
  );
  expect(observation.phase).toBe('Error');
  expect(observation.outputs?.artifacts ?? []).toEqual([]);
});

it('keeps the log to its cap and says what is missing', async () => {
  const small = new LocalStepRunner({
    artifacts,
    fetchGit: async () => {},
    environments: [{ images: ['*'], mounts: [] }],
    limits: { logBytes: 1000 },
  });
  const directory = path.join(folder, 'cap');
  await mkdir(directory);
  await small.start({
    attemptId: 'cap',
    directory,
    request: {
      nodeId: 'cap',
      nodeName: 'cap',
      podName: 'cap',
      templateName: 't',
      template: script('seq 1 100000'),
      captureResult: false,
    },
    env: {},
    isolation: 'namespaces',
    artifactKeyPrefix: 'x/y',
  });
  await waitForEnd(directory);
  const log = await readFile(path.join(directory, 'log'), 'utf8');
  expect(log.length).toBeLessThan(1200);
  expect(log).toMatch(/more bytes were printed; the log keeps 1000/);
  expect(existsSync(path.join(directory, 'exit.json'))).toBe(true);
});
