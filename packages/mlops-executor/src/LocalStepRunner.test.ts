import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Artifact } from '@backstage-mlops/argo-engine';
import {
  LocalStepRunner,
  readLog,
  waitForEnd,
  type ArtifactBytes,
  type LocalStepRunnerOptions,
} from './index';

class MemoryBytes implements ArtifactBytes {
  readonly files = new Map<string, Buffer>();
  puts = 0;

  async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array) {
    const parts: Uint8Array[] = [];
    if (body instanceof Uint8Array) parts.push(body);
    else for await (const part of body) parts.push(part);
    this.puts++;
    this.files.set(key, Buffer.concat(parts));
    return { digest: '', sizeBytes: this.files.get(key)!.length };
  }

  async get(key: string) {
    const found = this.files.get(key);
    if (!found)
      throw Object.assign(new Error(`no bytes under ${key}`), {
        name: 'NotFoundError',
      });
    return {
      body: (async function* body() {
        yield found;
      })(),
      sizeBytes: found.length,
    };
  }

  async list(prefix: string) {
    const below = [...this.files].filter(([key]) =>
      key.startsWith(`${prefix}/`),
    );
    return below.map(([key, { length }]) => ({ key, sizeBytes: length }));
  }
}

let folder: string;
let count = 0;
const artifacts = new MemoryBytes();
// What a team's repository may bring: a file, and links to places of the host.
async function fetchGit(
  repo: string,
  revision: string | undefined,
  target: string,
) {
  if (repo !== 'repo') throw new Error(`unknown repository ${repo}`);
  await mkdir(target, { recursive: true });
  await writeFile(path.join(target, 'hello.txt'), `source at ${revision}\n`);
  symlinkSync(folder, path.join(target, 'way-out'));
  symlinkSync('.', path.join(target, 'way-in'));
  symlinkSync(path.join(folder, 'victim'), path.join(target, 'file-out'));
}
const runnerWith = (limits: LocalStepRunnerOptions['limits'] = {}) =>
  new LocalStepRunner({
    artifacts,
    fetchGit,
    environments: [{ images: ['tools:*'], mounts: [] }],
    limits,
  });
const runner = runnerWith();

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-run-'));
  chmodSync(folder, 0o755);
  await writeFile(path.join(folder, 'victim'), 'of the host');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Attempt {
  isolation?: 'namespaces' | 'none';
  activeDeadlineSeconds?: number;
  captureResult?: boolean;
  limits?: LocalStepRunnerOptions['limits'];
}

async function begin(
  template: Record<string, unknown>,
  {
    isolation = 'namespaces',
    captureResult = false,
    limits,
    ...more
  }: Attempt = {},
) {
  const id = `step-${count++}`;
  const directory = path.join(folder, id);
  await runnerWith(limits).start({
    attemptId: `${process.pid}/${id}`,
    directory,
    request: {
      nodeId: id,
      nodeName: id,
      podName: id,
      templateName: 't',
      template,
      captureResult,
      ...more,
    },
    env: { TOKEN: 'run-token' },
    isolation,
    artifactKeyPrefix: `workflows/run/${id}`,
  });
  return directory;
}

async function run(template: Record<string, unknown>, attempt: Attempt = {}) {
  const directory = await begin(template, attempt);
  await waitForEnd(directory);
  const observation = await runnerWith(attempt.limits).observe(directory);
  const log = (await readLog(directory)).bytes.toString();
  return { observation, directory, log };
}

const script = (
  source: string,
  rest: { inputs?: unknown; outputs?: unknown } = {},
) => ({
  name: 't',
  script: { image: 'tools:1', command: ['sh'], source },
  ...rest,
});
const reading = (source: string, ...inputs: Artifact[]) =>
  script(source, { inputs: { artifacts: inputs } });
const giving = (source: string, ...outputs: Artifact[]) =>
  script(source, { outputs: { artifacts: outputs } });

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
      expect(observation.message).toBeUndefined();
      expect(log).toContain('two');
    });

    it('gives parameters and artifacts to the next step at declared absolute paths', async () => {
      const first = await run(
        script(
          'mkdir -p /tmp/model/deep && echo weights > /tmp/model/deep/w && ln -s deep/w /tmp/model/latest && echo one > /tmp/file && mkdir /tmp/a && echo other > /tmp/a/file && printf "0.93\\n\\n" > /tmp/acc && cat /srv/project/hello.txt /srv/in.txt',
          {
            inputs: {
              artifacts: [
                { name: 'in', path: '/srv/in.txt', raw: { data: 'raw text' } },
                {
                  name: 'src',
                  path: '/srv/project',
                  git: { repo: 'repo', revision: 'abc' },
                },
              ],
            },
            outputs: {
              parameters: [
                { name: 'acc', valueFrom: { path: '/tmp/acc' } },
                {
                  name: 'none',
                  valueFrom: { path: '/tmp/none', default: 'fallback' },
                },
              ],
              artifacts: [
                { name: 'model', path: '/tmp/model' },
                {
                  name: 'flat',
                  path: '/tmp/model/deep',
                  archive: { none: {} },
                },
                { name: 'file', path: '/tmp/file' },
                { name: 'plain', path: '/tmp/file', archive: { none: {} } },
                { name: 'again', path: '/tmp/a/file', archive: { none: {} } },
              ],
            },
          },
        ),
        { isolation },
      );
      expect(first.log).toBe('source at abc\nraw text');
      expect(first.observation).toMatchObject({
        phase: 'Succeeded',
        exitCode: 0,
        outputs: {
          parameters: [
            { name: 'acc', value: '0.93\n' },
            { name: 'none', value: 'fallback' },
          ],
        },
      });
      const [model, flat, file, plain, again] =
        first.observation.outputs!.artifacts!;
      const prefix = `workflows/run/${path.basename(first.directory)}`;
      expect(
        [model, flat, file, plain, again].map(({ s3 }) => s3!.key),
      ).toEqual(
        ['model.tgz', 'deep', 'file.tgz', 'file', 'again/file'].map(
          name => `${prefix}/${name}`,
        ),
      );
      expect(artifacts.files.get(`${prefix}/deep/w`)!.toString()).toBe(
        'weights\n',
      );
      const second = await run(
        reading(
          'cat /srv/in/m/latest /srv/in/flat/w /srv/in/renamed /srv/in/plain',
          { ...model, path: '/srv/in/m' },
          { ...flat, path: '/srv/in/flat' },
          { ...file, path: '/srv/in/renamed' },
          { ...plain, path: '/srv/in/plain' },
        ),
        { isolation },
      );
      expect({ log: second.log, ...second.observation }).toMatchObject({
        log: 'weights\nweights\none\none\n',
        phase: 'Succeeded',
      });
    });

    it('carries a folder as zip, sets rights, and gives each step its own empty volumes', async () => {
      const volume = { name: 'scratch', emptyDir: {} };
      const container = (source: string) => ({
        image: 'tools:1',
        command: ['sh', '-c', source],
        volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
      });
      const first = await run(
        {
          name: 't',
          volumes: [volume],
          container: container(
            'echo x > /scratch/f && mkdir -p /tmp/m/sub && cp /scratch/f /tmp/m/run.sh && cp /scratch/f /tmp/m/sub/f',
          ),
          outputs: {
            artifacts: [{ name: 'm', path: '/tmp/m', archive: { zip: {} } }],
          },
        },
        { isolation },
      );
      const [zipped] = first.observation.outputs!.artifacts!;
      expect(
        artifacts.files.get(zipped.s3!.key)!.subarray(0, 2).toString(),
      ).toBe('PK');
      const second = await run(
        {
          name: 't',
          volumes: [volume],
          container: container(
            'cd /in && stat -c "%a %n" run.sh sub/f && cat sub/f && ls -A /scratch | wc -l',
          ),
          inputs: {
            artifacts: [
              { ...zipped, path: '/in', mode: 0o750, recurseMode: true },
            ],
          },
        },
        { isolation },
      );
      expect(second.log).toBe('750 run.sh\n750 sub/f\nx\n0\n');
    });

    it('packs one file as zip where Argo can: from a volume, or under the name of its artifact', async () => {
      const zip = (name: string, place: string) => ({
        name,
        path: place,
        archive: { zip: {} },
      });
      const { observation } = await run(
        {
          name: 't',
          volumes: [{ name: 'v', emptyDir: {} }],
          container: {
            image: 'tools:1',
            command: ['sh', '-c', 'touch /v/one.txt /tmp/same /tmp/other.txt'],
            volumeMounts: [{ name: 'v', mountPath: '/v' }],
          },
          outputs: {
            artifacts: [
              zip('z', '/v/one.txt'),
              zip('same', '/tmp/same'),
              zip('other', '/tmp/other.txt'),
              { name: 'none', path: '/tmp/none' },
            ],
          },
        },
        { isolation },
      );
      expect(observation.outputs!.artifacts!.map(({ name }) => name)).toEqual([
        'z',
        'same',
      ]);
      expect(observation.executorFault!.message).toBe(
        'stat /tmp/argo/outputs/artifacts/other: no such file or directory; open /var/run/argo/outputs/artifacts/tmp/none.tgz: no such file or directory; ',
      );
    });

    it('never writes through a link that an input brought', async () => {
      const source: Artifact = {
        name: 'src',
        path: '/srv/project',
        git: { repo: 'repo' },
      };
      const below = await run(
        reading('true', source, {
          name: 'evil',
          path: '/srv/project/way-out/evil',
          raw: { data: 'x' },
        }),
        { isolation },
      );
      expect(below.observation).toMatchObject({
        phase: 'Error',
        executorFault: {
          container: 'init',
          message: expect.stringContaining('artifact evil failed to load'),
        },
      });
      expect(existsSync(path.join(folder, 'evil'))).toBe(false);
      const over = await run(
        reading('cat /srv/project/file-out', source, {
          name: 'over',
          path: '/srv/project/file-out',
          raw: { data: 'mine' },
        }),
        { isolation },
      );
      expect(over.log).toBe('mine');
      const out = await run(
        {
          ...reading('true', source),
          outputs: {
            artifacts: [{ name: 'o', path: '/srv/project/way-out/victim' }],
          },
        },
        { isolation },
      );
      expect(out.observation.phase).toBe('Error');
      expect(out.observation.outputs?.artifacts).toBeUndefined();
      expect(readFileSync(path.join(folder, 'victim'), 'utf8')).toBe(
        'of the host',
      );
    });

    it('takes an output from behind a link that stays inside', async () => {
      const { observation } = await run(
        {
          ...reading('echo made > /srv/project/way-in/made', {
            name: 'src',
            path: '/srv/project',
            git: { repo: 'repo' },
          }),
          outputs: {
            parameters: [
              { name: 'made', valueFrom: { path: '/srv/project/way-in/made' } },
            ],
          },
        },
        { isolation },
      );
      expect(observation).toMatchObject({
        phase: 'Succeeded',
        outputs: { parameters: [{ value: 'made' }] },
      });
    });

    it('says that a deadline ended it', async () => {
      const { observation } = await run(script('echo began; exec sleep 300'), {
        isolation,
        activeDeadlineSeconds: 0.3,
      });
      expect(observation).toMatchObject({
        phase: 'Failed',
        exitCode: 143,
        podMessage:
          'Pod was active on the node longer than the specified deadline',
      });
    });
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

it('says what is missing: program, output, input', async () => {
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
      exitCode: 64,
      message:
        'open /var/run/argo/outputs/parameters/tmp/x: no such file or directory',
    },
  });
  const failed = await run(
    script('exit 1', {
      outputs: { parameters: [{ name: 'x', valueFrom: { path: '/tmp/x' } }] },
    }),
  );
  expect(failed.observation).toMatchObject({ phase: 'Failed', exitCode: 1 });
  expect(failed.observation.executorFault).toBeUndefined();
  const lacking: Artifact = {
    name: 'm',
    path: '/m',
    s3: { key: 'none/m.tgz' },
  };
  expect((await run(reading('true', lacking))).observation).toMatchObject({
    phase: 'Error',
    executorFault: {
      container: 'init',
      exitCode: 64,
      message: 'artifact m failed to load: no bytes under none/m.tgz',
    },
  });
  expect(
    (await run(reading('ls /m', { ...lacking, optional: true }))).observation,
  ).toMatchObject({ phase: 'Failed', exitCode: 2 });
});

it('names every field of a template that cannot run on this machine, before and at the start', async () => {
  const template = giving(
    'true',
    { name: 'a', path: '/usr/lib/x' },
    { name: 'b', path: '/tmp/{{item}}' },
  );
  template.script.image = 'other:1';
  const problems = runner.problemsOf(template);
  expect(problems).toEqual([
    {
      path: 'script.image',
      code: 'unmapped-image',
      message: expect.stringMatching(/'other:1'.*mlops\.local\.environments/),
    },
    {
      path: 'outputs.artifacts[0].path',
      code: 'unusable-path',
      message: expect.stringContaining('/usr/lib/x'),
    },
  ]);
  expect((await run(template)).observation.executorFault!.message).toBe(
    problems[0].message,
  );
  expect(
    runner.problemsOf({ container: { image: '{{inputs.parameters.image}}' } }),
  ).toEqual([]);
});

it('keeps what a failed command wrote', async () => {
  const { observation } = await run({
    ...giving('echo partial > /tmp/a; exit 3', { name: 'a', path: '/tmp/a' }),
  });
  expect(observation).toMatchObject({
    phase: 'Failed',
    exitCode: 3,
    outputs: { artifacts: [{ name: 'a' }] },
  });
});

it('refuses links, pipes and too large trees as outputs, and stores nothing of them', async () => {
  const before = artifacts.puts;
  const hostile = giving(
    'ln -s /etc/passwd /tmp/link; mkdir /tmp/up /tmp/abs; ln -s ../../../../etc /tmp/up/l; ln -s /etc /tmp/abs/l; mkfifo /tmp/pipe; head -c 2000 /dev/zero > /tmp/large',
    ...['link', 'up', 'abs', 'pipe', 'large'].flatMap((name): Artifact[] => [
      { name, path: `/tmp/${name}` },
      { name: `${name}-flat`, path: `/tmp/${name}`, archive: { none: {} } },
    ]),
  );
  const { observation } = await run(hostile, {
    limits: { artifactBytes: 1000 },
  });
  expect(observation).toMatchObject({
    phase: 'Error',
    executorFault: {
      message: expect.stringContaining("illegal symlink target '/etc/passwd'"),
    },
  });
  expect(observation.outputs?.artifacts ?? []).toEqual([]);
  expect(artifacts.puts).toBe(before);
});

it('refuses a parameter that is a folder or too long', async () => {
  const parameter = {
    outputs: { parameters: [{ name: 'x', valueFrom: { path: '/tmp/x' } }] },
  };
  expect(
    (await run(script('mkdir /tmp/x', parameter))).observation.executorFault!
      .message,
  ).toBe('read /var/run/argo/outputs/parameters/tmp/x: is a directory');
  expect(
    (await run(script('head -c 300000 /dev/zero > /tmp/x', parameter)))
      .observation.executorFault!.message,
  ).toContain('300000 bytes');
});

it('unpacks what is a tar.gz by its bytes, whatever its key, and leaves other bytes alone', async () => {
  artifacts.files.set('given/looks.tgz', Buffer.from('plain'));
  artifacts.files.set('given/zipped', gzipSync('text'));
  const { log } = await run(
    reading(
      'cat /a; gzip -dc < /b',
      { name: 'a', path: '/a', s3: { key: 'given/looks.tgz' } },
      { name: 'b', path: '/b', s3: { key: 'given/zipped' } },
    ),
  );
  expect(log).toBe('plaintext');
  const { observation } = await run(
    giving('mkdir /tmp/d; echo x > /tmp/d/x; tar -C /tmp -czf /tmp/own.tgz d', {
      name: 'own',
      path: '/tmp/own.tgz',
      archive: { none: {} },
    }),
  );
  const [own] = observation.outputs!.artifacts!;
  expect(
    (await run(reading('cat /in/x', { name: 'own', path: '/in', s3: own.s3 })))
      .log,
  ).toBe('x\n');
  expect(
    (await run(reading('tar -tzf /in', { ...own, path: '/in' }))).log,
  ).toBe('d/\nd/x\n');
});

it('collects once, however often and by whom it is asked, and cleans up behind the step', async () => {
  const directory = await begin(
    giving('mkdir /tmp/a; echo x > /tmp/a/x; chmod 000 /tmp/a/x', {
      name: 'a',
      path: '/tmp/a',
    }),
  );
  await waitForEnd(directory);
  const before = artifacts.puts;
  const [one, two] = await Promise.all([
    runner.observe(directory),
    runner.observe(directory),
  ]);
  const later = await runnerWith().observe(directory);
  expect(two).toEqual(one);
  expect(later).toEqual(JSON.parse(JSON.stringify(one)));
  expect(artifacts.puts).toBe(before + 1);
  expect(existsSync(path.join(directory, 'fs'))).toBe(false);
});

it('keeps the run-scoped token out of what others may read', async () => {
  const { directory } = await run(script('true'));
  expect(
    readFileSync(path.join(directory, 'request.json'), 'utf8'),
  ).not.toContain('run-token');
});

it('says that a stop or the end of the portal ended the step', async () => {
  for (const [reason, message] of [
    ['stopped', 'the step was stopped'],
    ['shutdown', 'portal was shut down'],
  ] as const) {
    const directory = await begin(script('sleep 60'));
    await runner.stop(directory, reason, 1);
    await waitForEnd(directory);
    expect(await runner.observe(directory)).toMatchObject({
      phase: 'Failed',
      podMessage: message,
    });
  }
});

it('keeps the log to its cap and says what is missing', async () => {
  const { log } = await run(script('seq 1 100000'), {
    limits: { logBytes: 1000 },
  });
  expect(log.slice(0, 1000)).toBe(
    Array.from({ length: 300 }, (_, index) => `${index + 1}\n`)
      .join('')
      .slice(0, 1000),
  );
  expect(log.slice(1000)).toBe(
    '\n[587895 more bytes were printed; the log keeps 1000]\n',
  );
});

it('leaves nothing of an attempt that is given up or over, however often it is asked', async () => {
  const directory = path.join(folder, 'given-up');
  await mkdir(path.join(directory, 'fs/tmp'), { recursive: true });
  expect(await runner.abandon(directory)).toBe(true);
  expect(existsSync(path.join(directory, 'fs'))).toBe(false);
  // Whoever was laying it out did not know.
  await mkdir(path.join(directory, 'fs/tmp'), { recursive: true });
  expect(await runner.abandon(directory)).toBe(true);
  expect(existsSync(path.join(directory, 'fs'))).toBe(false);
  await mkdir(path.join(directory, 'fs/tmp'), { recursive: true });
  await runner.clear(directory);
  expect(existsSync(path.join(directory, 'fs'))).toBe(false);

  const living = await begin(script('trap "" TERM; echo up; sleep 60'));
  await runner.clear(living);
  expect(existsSync(path.join(living, 'fs'))).toBe(false);
  expect(existsSync(path.join(living, 'exit.json'))).toBe(true);
  expect(await runner.abandon(living)).toBe(false);
}, 60_000);

describe('an attempt whose machine was started again', () => {
  const restarted = {
    phase: 'Error',
    message: 'portal was shut down: the machine was restarted',
  };
  const endOf = async (directory: string) => {
    await runner.endWithMachine('n', directory);
    await waitForEnd(directory);
    const observation = await runner.observe(directory);
    // Asked again, it says the same, and leaves nothing to be swept.
    await runner.endWithMachine('n', directory);
    expect(await runner.observe(directory)).toEqual(observation);
    expect(existsSync(path.join(directory, 'fs'))).toBe(false);
    return observation;
  };
  /** An attempt that ended, whose outputs nobody took yet. */
  const ended = async (template: Record<string, unknown>) => {
    const directory = await begin(template);
    await waitForEnd(directory);
    return directory;
  };

  it('is an Error that says so, whatever its folder still holds', async () => {
    const nothing = path.join(folder, 'nothing-left');
    expect(await endOf(nothing)).toMatchObject({ nodeId: 'n', ...restarted });
    const empty = path.join(folder, 'empty-records');
    await mkdir(path.join(empty, 'fs/tmp'), { recursive: true });
    for (const name of ['request.json', 'spec.json', 'start.json', 'exit.json'])
      await writeFile(path.join(empty, name), '');
    expect(await endOf(empty)).toMatchObject(restarted);
  });

  it('is one, too, when it told its success and its files may not have reached the disk', async () => {
    const out = { name: 'out', path: '/tmp/out' };
    const gave = await ended(giving('echo 1 > /tmp/out', out));
    expect(await endOf(gave)).toMatchObject(restarted);
  });

  it('ends as it said when it failed, left nothing, or was collected before', async () => {
    const out = { name: 'out', path: '/tmp/out' };
    const failed = await ended(giving('exit 3', out));
    expect(await endOf(failed)).toMatchObject({ phase: 'Failed', exitCode: 3 });
    const plain = await ended(script('true'));
    expect(await endOf(plain)).toMatchObject({ phase: 'Succeeded' });
    const { directory } = await run(giving('echo 1 > /tmp/out', out));
    expect(await endOf(directory)).toMatchObject({ phase: 'Succeeded' });
  });
});
