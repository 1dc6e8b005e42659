/* The command as people call it: a process of its own, with its words and exit codes. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const bin = path.resolve(__dirname, '../bin/mlops.cjs');
let folder: string;
beforeAll(() => {
  folder = fs.realpathSync(
    fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-cli-')),
  );
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
};
const mlops = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [bin, ...args],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  return { code: status, out: stdout, complaint: stderr };
};
const workflow = (templates: string, more = '') =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: { name: w }\nspec:\n  entrypoint: main\n${more}  templates:\n${templates}`;
const shell = (name: string, text: string) =>
  `  - { name: ${name}, container: { image: any, command: [sh, -c], args: ['${text}'] } }\n`;
const steps = (...names: string[]) =>
  `  - name: main\n    steps:\n${names
    .map(name => `    - - { name: ${name}, template: ${name} }\n`)
    .join('')}`;

const project = `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: leaves }
spec:
  owner: group:default/botany
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`;

describe('mlops lint', () => {
  it('finds nothing in what is in order', () => {
    write('good.yaml', workflow(steps('a') + shell('a', 'true')));
    expect(mlops('lint', 'good.yaml')).toEqual({
      code: 0,
      out: '0 problems (0 errors, 0 warnings, 0 notices)\n',
      complaint: '',
    });
  });

  it('tells file, line, column, code and words, in three forms', () => {
    write('bad.yaml', workflow(steps('a', 'ghost') + shell('a', 'true')));
    const text = mlops('lint', 'bad.yaml');
    expect(text.code).toBe(1);
    expect(text.out.split('\n')).toEqual([
      "bad.yaml:10:24: error unknown-template: templates.main.steps[1].ghost template name 'ghost' undefined",
      '1 problems (1 errors, 0 warnings, 0 notices)',
      '',
    ]);
    const json = mlops('lint', 'bad.yaml', '--output', 'json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toEqual([
      {
        file: 'bad.yaml',
        line: 10,
        column: 24,
        path: 'spec.templates[0].steps[1][0].template',
        code: 'unknown-template',
        message:
          "templates.main.steps[1].ghost template name 'ghost' undefined",
        severity: 'error',
      },
    ]);
    const github = mlops('lint', 'bad.yaml', '-o', 'github');
    expect(github.out).toBe(
      "::error file=bad.yaml,line=10,col=24,title=unknown-template::templates.main.steps[1].ghost template name 'ghost' undefined\n",
    );
  });

  it('reads a project as the portal does, and a folder of projects', () => {
    write('repo/ml-projects/leaves/mlproject.yaml', project);
    write(
      'repo/ml-projects/leaves/pipelines/train.yaml',
      'apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: { name: train }\nspec:\n  entrypoint: main\n  templates:\n  - name: main\n    steps: [[{ name: x, templateRef: { name: shared, template: t, clusterScope: true } }]]\n',
    );
    expect(mlops('lint', 'repo/ml-projects').out).toContain(
      'template reference shared.t not found',
    );
    write(
      'repo/argo/shared.yaml',
      'apiVersion: argoproj.io/v1alpha1\nkind: ClusterWorkflowTemplate\nmetadata: { name: shared }\nspec: { templates: [{ name: t, container: { image: a, command: [b] } }] }\n',
    );
    for (const place of ['repo', 'repo/ml-projects', 'repo/ml-projects/leaves'])
      expect([place, mlops('lint', place).out]).toEqual([
        place,
        '0 problems (0 errors, 0 warnings, 0 notices)\n',
      ]);
    write(
      'repo/ml-projects/leaves/mlproject.yaml',
      project.replace('lifecycle', 'lifecycel'),
    );
    expect(mlops('lint', 'repo').out).toContain(
      'repo/ml-projects/leaves/mlproject.yaml:6:',
    );
  });

  it('tells a wrong apiVersion of a workflow in a folder, and passes other manifests over', () => {
    write('mixed/config.yaml', 'apiVersion: v1\nkind: ConfigMap\n');
    write(
      'mixed/old.yaml',
      workflow(steps('a') + shell('a', 'true')).replace('v1alpha1', 'v1'),
    );
    expect(mlops('lint', 'mixed').out.split('\n')).toEqual([
      'mixed/old.yaml:1:1: error wrong-api-version: apiVersion must be \'argoproj.io/v1alpha1\', not "argoproj.io/v1".',
      '1 problems (1 errors, 0 warnings, 0 notices)',
      '',
    ]);
    write(
      'mixed/old.yaml',
      workflow(steps('a') + shell('a', 'true')).replace('argoproj.io/', ''),
    );
    expect(mlops('lint', 'mixed').out).toContain(
      'mixed/old.yaml:1:1: error wrong-api-version',
    );
  });

  it('says in one line what was wrong with the call', () => {
    expect(mlops('lint', 'nowhere')).toMatchObject({
      code: 2,
      complaint: "There is no 'nowhere'.\n",
    });
    expect(mlops('lint', 'good.yaml', '-o', 'xml').code).toBe(2);
    expect(mlops('lint').code).toBe(2);
    expect(mlops('dance').code).toBe(2);
    expect(mlops('lint', '--dance').code).toBe(2);
  });
});

describe('mlops run', () => {
  it('runs a workflow with live lines and gives 0', () => {
    write(
      'two.yaml',
      workflow(
        steps('a', 'b') +
          shell('a', 'echo hello {{workflow.parameters.who}}') +
          shell('b', 'echo done'),
        '  arguments: { parameters: [{ name: who, value: world }] }\n',
      ),
    );
    const { code, out } = mlops('run', 'two.yaml', '-p', 'who=Jo');
    expect(out).toMatch(/\| hello Jo\n/);
    expect(out).toMatch(/w-local\[1\]\.b Succeeded after/);
    expect(out.trim().split('\n').at(-1)).toMatch(/^Succeeded after [\d.]+ s$/);
    expect(code).toBe(0);
  });

  it('gives 1 and the cause when a step fails', () => {
    write('fails.yaml', workflow(steps('a') + shell('a', 'exit 3')));
    const { code, out } = mlops('run', 'fails.yaml');
    expect(code).toBe(1);
    expect(out.trim().split('\n').at(-1)).toMatch(
      /^Failed after [\d.]+ s: a: main: Error \(exit code 3\)$/,
    );
  });

  it('keeps the files of the run where it is told to', () => {
    write(
      'keeps.yaml',
      workflow(
        '  - name: main\n    outputs: { artifacts: [{ name: o, path: /made/o, archive: { none: {} } }] }\n    container: { image: any, command: [sh, -c], args: ["echo kept > /made/o"] }\n',
      ),
    );
    expect(mlops('run', 'keeps.yaml', '--workdir', 'kept').code).toBe(0);
    const files = fs
      .readdirSync(path.join(folder, 'kept/artifacts'), { recursive: true })
      .map(String);
    expect(files.some(name => name.endsWith('/o'))).toBe(true);
  });

  it('finds limits of semaphores in the file and in the argo folder of the repository', () => {
    const limit =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: limits }\ndata: { one: "1" }\n';
    const waits = workflow(
      '  - name: main\n    synchronization: { semaphores: [{ configMapKeyRef: { name: limits, key: one } }] }\n    container: { image: any, command: ["true"] }\n',
    );
    write('alone/pipelines/waits.yaml', waits);
    expect(mlops('run', 'alone/pipelines/waits.yaml')).toMatchObject({
      code: 2,
      complaint: expect.stringContaining("key 'one' of ConfigMap 'limits'"),
    });
    write('together.yaml', `${limit}---\n${waits}`);
    expect(mlops('lint', 'together.yaml').code).toBe(0);
    expect(mlops('run', 'together.yaml').code).toBe(0);
    write('repo/argo/limits.yaml', limit);
    write('repo/ml-projects/leaves/mlproject.yaml', project);
    const pipeline = 'repo/ml-projects/leaves/pipelines/waits.yaml';
    write(pipeline, waits);
    expect(mlops('run', pipeline).code).toBe(0);
  });

  it('refuses what lint refuses, and arguments that are not there', () => {
    write('bad-run.yaml', workflow(steps('ghost')));
    expect(mlops('run', 'bad-run.yaml')).toMatchObject({ code: 2 });
    const { code, complaint } = mlops('run', 'two.yaml', '-p', 'whom=Jo');
    expect([code, complaint]).toEqual([
      2,
      expect.stringContaining("no parameter 'whom'"),
    ]);
  });

  it('ends a run that waits for a person when there is none', () => {
    write('waits.yaml', workflow('  - { name: main, suspend: {} }\n'));
    const { code, out } = mlops('run', 'waits.yaml');
    expect(code).toBe(1);
    expect(out).toContain('waits for a person');
  });

  it('asks on a terminal for what a step waits for, again when the answer will not do', async () => {
    write(
      'asks.yaml',
      workflow(
        `  - name: main
    steps:
    - - { name: ask, template: ask }
    - - name: say
        template: say
        arguments: { parameters: [{ name: x, value: "{{steps.ask.outputs.parameters.size}} {{steps.ask.outputs.parameters.why}}" }] }
  - name: ask
    inputs: { parameters: [{ name: size, value: small, enum: [small, big] }] }
    outputs: { parameters: [{ name: size, valueFrom: { supplied: {} } }, { name: why, valueFrom: { supplied: {}, default: because } }] }
    suspend: {}
  - { name: say, inputs: { parameters: [{ name: x }] }, container: { image: any, command: [echo, "{{inputs.parameters.x}}"] } }
`,
      ),
    );
    // Of util-linux: gives the command a terminal.
    const child = spawn(
      'script',
      ['-qec', `'${process.execPath}' '${bin}' run asks.yaml`, '/dev/null'],
      { cwd: folder, env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const answers = ['huge', '', 'big', ''];
    let out = '';
    child.stdout.on('data', bytes => {
      const text = String(bytes);
      out += text;
      for (const _question of text.matchAll(/(size|why)[^=\n]* = /g))
        child.stdin.write(`${answers.shift()}\r`);
    });
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(0);
    expect(out).toContain("parameters.size is 'huge'; it must be one of");
    expect(out).toContain('| big because');
  }, 60_000);

  it('leaves no process behind after Ctrl-C', async () => {
    const mark = `314159${process.pid}`;
    write('long.yaml', workflow(steps('a') + shell('a', `sleep ${mark}`)));
    const child = spawn(process.execPath, [bin, 'run', 'long.yaml'], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: 'ignore',
    });
    const isRunning = () =>
      spawnSync('pgrep', ['-f', `sleep ${mark}`], { encoding: 'utf8' })
        .stdout !== '';
    const until = async (wanted: boolean) => {
      for (let i = 0; i < 200 && isRunning() !== wanted; i++)
        await new Promise(resolve => setTimeout(resolve, 50));
      expect(isRunning()).toBe(wanted);
    };
    await until(true);
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    await until(false);
  }, 30_000);
});
