import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { pathRewriter } from './rewritePaths';
import { faultOfPath } from './template';
import { expandVariables, toStepSpec } from './toStepSpec';

describe('variables in commands', () => {
  const env = { A: '1', B_2: 'two $(A)', 'with.dot': 'x' };
  it.each([
    ['$(A)', '1'],
    ['$(A)$(B_2)', '1two $(A)'],
    ['$(NOT)', '$(NOT)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$A ${A} $(A', '$A ${A} $(A'],
    ['$(with.dot)', 'x'],
    ['$(toString)', '$(toString)'],
    ['100$', '100$'],
  ])('writes %j as %j', (text, expected) => {
    expect(expandVariables(text, env)).toBe(expected);
  });

  it('leaves any text without a dollar sign as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter(text => !text.includes('$')),
        text => expect(expandVariables(text, env)).toBe(text),
      ),
    );
  });
});

describe('paths of a step without a room', () => {
  const rewrite = pathRewriter(
    '/d',
    {
      outputs: {
        parameters: [{ name: 'p', valueFrom: { path: '/results/acc.txt' } }],
      },
    },
    {
      images: [],
      mounts: [{ source: '/host/modules', target: '/srv/node_modules' }],
    },
  );
  it.each([
    ['cat /tmp/x', 'cat /d/fs/tmp/x'],
    ['--out=/tmp', '--out=/d/fs/tmp'],
    ['"/srv/project/a.ts"', '"/d/fs/srv/project/a.ts"'],
    ['/srv/node_modules/x', '/d/fs/srv/node_modules/x'],
    [
      'echo 1 > /results/acc.txt; ls /results',
      'echo 1 > /d/fs/results/acc.txt; ls /results',
    ],
    [
      '/tmpfile /x/tmp ./tmp http://host/tmp',
      '/tmpfile /x/tmp ./tmp http://host/tmp',
    ],
    ['/srv2 /srv-x /srv.y', '/srv2 /srv-x /srv.y'],
  ])('writes %j as %j', (text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });
});

it.each([
  ['/tmp/x', undefined],
  ['/output.txt', undefined],
  ['/srv/project/', undefined],
  ['/tmp/{{item}}', undefined],
  ['tmp/x', "'tmp/x' is not an absolute path"],
  ['/', "'/' is the root of the step"],
  ['/tmp/../etc/x', "'/tmp/../etc/x' climbs with '..'"],
  [
    '//usr//lib/x',
    "'//usr//lib/x' lies in a folder of the system, which steps only read",
  ],
  ['/./etc', "'/./etc' lies in a folder of the system, which steps only read"],
  ['/etcetera', undefined],
])('says of the path %j: %j', (inside, fault) => {
  expect(faultOfPath(inside)).toBe(fault);
});

describe('the specification of a step', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'executor-spec-'));
    await mkdir(path.join(directory, 'fs'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const specOf = (
    template: Record<string, unknown>,
    isolation: 'namespaces' | 'none' = 'namespaces',
  ) =>
    toStepSpec(
      {
        attemptId: 'run/node',
        directory,
        request: {
          nodeId: 'n',
          nodeName: 'n',
          podName: 'n',
          templateName: 't',
          template,
          captureResult: true,
        },
        env: { TOKEN: 'secret', PLACE: '/tmp/a' },
        isolation,
        artifactKeyPrefix: 'p',
      },
      {
        images: ['*'],
        mounts: [{ source: '/host/modules', target: '/srv/node_modules' }],
      },
    );

  it('leaves variables in a script to the script; two dollar signs are one there as in a pod', async () => {
    await specOf({
      script: {
        image: 'i',
        command: ['sh'],
        env: [{ name: 'KNOWN', value: 'x' }],
        source: 'echo $$ $(KNOWN) $$(KNOWN) $HOME',
      },
    });
    const script = path.join(directory, 'fs/argo/staging/script');
    expect(await readFile(script, 'utf8')).toBe(
      'echo $ $(KNOWN) $(KNOWN) $HOME',
    );
  });

  it('makes folders that an image would bring, and leaves /tmp empty', async () => {
    await specOf({
      container: { image: 'i', command: ['true'] },
      outputs: {
        parameters: [
          { name: 'p', valueFrom: { path: '/srv/out/p' } },
          { name: 'q', valueFrom: { path: '/tmp/../tmp//out/q' } },
        ],
        artifacts: [{ name: 'a', path: '/tmp/made/by/step' }],
      },
    });
    const fs = path.join(directory, 'fs');
    expect(await readdir(path.join(fs, 'srv'))).toEqual(['out']);
    expect(await readdir(path.join(fs, 'tmp'))).toEqual([]);
  });

  it('expands variables of the container, which may use those before them, and not those of the machine', async () => {
    const spec = await specOf({
      container: {
        image: 'i',
        command: ['run', '$(TOKEN)'],
        args: ['$(B)', '$(HOME)'],
        env: [
          { name: 'A', value: 'a' },
          { name: 'B', value: '$(A)b' },
        ],
      },
    });
    expect(spec.command).toEqual(['run', 'secret', 'ab', '$(HOME)']);
    expect(spec.env).toMatchObject({
      TOKEN: 'secret',
      A: 'a',
      B: 'ab',
      HOME: '/tmp',
    });
    expect(spec.mounts).toEqual([
      { source: '/host/modules', target: '/srv/node_modules', readOnly: true },
    ]);
  });

  it('writes a script as a file that the command gets as its last argument', async () => {
    const spec = await specOf({
      script: {
        image: 'i',
        command: ['sh', '-e'],
        source: 'echo $(TOKEN) $$HOME',
      },
    });
    expect(spec.command).toEqual(['sh', '-e', '/argo/staging/script']);
    expect(
      await readFile(path.join(directory, 'fs/argo/staging/script'), 'utf8'),
    ).toBe('echo $(TOKEN) $HOME');
  });

  it('moves every path into the directory when there is no room', async () => {
    const spec = await specOf(
      {
        script: {
          image: 'i',
          command: ['sh'],
          source: 'cat /tmp/x',
          workingDir: '/srv/project',
        },
      },
      'none',
    );
    const root = path.join(directory, 'fs');
    expect(spec).toMatchObject({
      command: ['sh', `${root}/argo/staging/script`],
      workingDir: `${root}/srv/project`,
      mounts: [],
      env: { PLACE: `${root}/tmp/a`, TMPDIR: `${root}/tmp` },
    });
    expect(await readFile(path.join(root, 'argo/staging/script'), 'utf8')).toBe(
      `cat ${root}/tmp/x`,
    );
  });
});
