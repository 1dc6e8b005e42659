/* What the portal does by itself, and what it keeps in bounds: schedules, queue, semaphores, templates of other files, retention. */
import Ajv from 'ajv';
import { openApiDocument } from './http/openApi/document';
import {
  databases,
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from './__testUtils__/startPortal';

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(openApiDocument, 'api');
const holds = (name: string, body: unknown) => {
  const ok = ajv.validate({ $ref: `api#/components/schemas/${name}` }, body);
  expect({ name, errors: ok ? [] : ajv.errors }).toEqual({ name, errors: [] });
};

const say = (name: string, source: string) =>
  `- name: ${name}\n  script: { image: tools, command: [sh], source: '${source}' }`;

const files = {
  'ml-projects/one/mlproject.yaml': projectFile(
    'one',
    '  retention: { runs: { last: 2 } }\n',
  ),
  'ml-projects/one/pipelines/quick.yaml': templateFile(
    'quick',
    `entrypoint: main\narguments: { parameters: [{ name: who, value: world }] }\ntemplates:\n${say(
      'main',
      'echo {{workflow.parameters.who}}',
    )}`,
  ),
  'ml-projects/one/pipelines/slow.yaml': templateFile(
    'slow',
    `entrypoint: main\ntemplates:\n${say('main', 'sleep 600')}`,
  ),
  'ml-projects/one/pipelines/stages.yaml': templateFile(
    'stages',
    `entrypoint: main
templates:
- name: main
  steps:
  - - { name: gather, template: gather }
  - - name: fit
      template: fit
      arguments: { artifacts: [{ name: rows, from: '{{steps.gather.outputs.artifacts.rows}}' }] }
- name: gather
  memoize: { key: rows, maxAge: 24h, cache: { configMap: { name: rows } } }
  outputs: { artifacts: [{ name: rows, path: /tmp/rows }] }
  script: { image: tools, command: [sh], source: 'echo 12 > /tmp/rows' }
- name: fit
  inputs: { artifacts: [{ name: rows, path: /tmp/in }] }
  script: { image: tools, command: [sh], source: 'cat /tmp/in' }`,
  ),
  'ml-projects/one/pipelines/farewell.yaml': templateFile(
    'farewell',
    `entrypoint: main
hooks:
  exit:
    template: bye
    arguments: { parameters: [{ name: how, value: '{{workflow.status}}' }] }
templates:
${say('main', 'sleep 600')}
- name: bye
  inputs: { parameters: [{ name: how }] }
  script: { image: tools, command: [sh], source: 'echo it {{inputs.parameters.how}}' }`,
  ),
  'ml-projects/one/pipelines/calls.yaml': templateFile(
    'calls',
    `entrypoint: main
templates:
- name: main
  steps:
  - - { name: a, templateRef: { name: parts, template: hello } }
    - { name: b, templateRef: { name: shared, template: outer, clusterScope: true } }`,
  ),
  'ml-projects/one/pipelines/parts.yaml': templateFile(
    'parts',
    `templates:\n${say('hello', 'echo from parts')}`,
  ),
  'ml-projects/one/pipelines/guarded.yaml': templateFile(
    'guarded',
    `entrypoint: main
templates:
- name: main
  synchronization: { semaphores: [{ configMapKeyRef: { name: limits, key: gpu } }] }
  script: { image: tools, command: [sh], source: 'sleep 600' }`,
  ),
  'ml-projects/one/pipelines/wide.yaml': templateFile(
    'wide',
    `entrypoint: main
arguments: { parameters: [{ name: count, value: '3' }] }
templates:
- name: main
  steps: [[{ name: x, template: leaf, withSequence: { count: '{{workflow.parameters.count}}' } }]]
${say('leaf', 'true')}`,
  ),
  'ml-projects/one/pipelines/deep.yaml': templateFile(
    'deep',
    `entrypoint: main
arguments: { parameters: [{ name: levels, value: '2' }] }
templates:
- name: main
  inputs: { parameters: [{ name: left, value: '{{workflow.parameters.levels}}' }] }
  steps:
  - - name: again
      template: main
      when: '{{inputs.parameters.left}} > 0'
      arguments: { parameters: [{ name: left, value: '{{=asInt(inputs.parameters.left) - 1}}' }] }`,
  ),
  'argo/shared.yaml': `${templateFile(
    'shared',
    `templates:
- name: outer
  steps: [[{ name: inner, template: leaf }]]
${say('leaf', 'echo from shared')}`,
    'ClusterWorkflowTemplate',
  )}
---
apiVersion: v1
kind: ConfigMap
metadata: { name: limits }
data: { gpu: '2' }
`,
};

const schedule = (name: string, spec: string) => ({
  [`ml-projects/one/pipelines/${name}.yaml`]: templateFile(
    name,
    spec,
    'CronWorkflow',
  ),
});

describe.each(databases)('a portal on %s', client => {
  let portal: TestPortal;
  const limits = {
    activeRunsPerProject: 3,
    nodesPerRun: 20,
    depthPerRun: 5,
    argumentBytes: 500,
  };
  beforeAll(async () => {
    portal = await startPortal(client, files, {
      limits,
      prices: { currency: 'EUR', cpuHour: 3600 },
    });
  }, 60_000);
  afterAll(() => portal.stop(), 60_000);

  const submit = async (pipeline: string, parameters?: object) =>
    (await portal.post('runs', { project: 'one', pipeline, parameters })).body;

  it('runs templates of other files, and keeps them as they were at its commit', async () => {
    expect((await portal.get('projects/one')).body.problems).toEqual([]);
    const run = await portal.end((await submit('calls')).id);
    expect(run.phase).toBe('Succeeded');
    const log = async (name: string) => {
      const node: any = Object.values(run.nodes).find(
        (item: any) => item.displayName === name,
      );
      return (await portal.get(`runs/${run.id}/nodes/${node.id}/log`)).text;
    };
    expect([await log('a'), await log('inner')]).toEqual([
      'from parts\n',
      'from shared\n',
    ]);
    const none = await portal.post('runs', {
      project: 'one',
      pipeline: 'parts',
    });
    expect([none.status, none.body.error.message]).toEqual([
      400,
      'ml-projects/one/pipelines/parts.yaml has no entrypoint: its templates are for others to call.',
    ]);
  }, 60_000);

  it('lets as many hold a semaphore as its limit says', async () => {
    const runs = [
      await submit('guarded'),
      await submit('guarded'),
      await submit('guarded'),
    ];
    const nodeOf = async ({ id }: { id: string }) =>
      Object.values((await portal.get(`runs/${id}`)).body.nodes)[0] as any;
    await portal.until(async () => {
      const nodes = await Promise.all(runs.map(nodeOf));
      return (
        nodes.filter(node => node?.phase === 'Running').length === 2 &&
        nodes.some(node => node?.phase === 'Pending' && node.message)
      );
    });
    const nodes = await Promise.all(runs.map(nodeOf));
    const waits = nodes.findIndex(node => node.phase === 'Pending');
    expect(nodes[waits].message).toBe(
      'Waiting for default/ConfigMap/limits/gpu lock. Lock status: 0/2',
    );
    const holder = runs[(waits + 1) % 3];
    await portal.post(`runs/${holder.id}/stop`);
    await portal.until(
      async () => (await nodeOf(runs[waits])).phase === 'Running',
    );
    for (const { id } of runs) await portal.post(`runs/${id}/stop`);
    for (const { id } of runs) await portal.end(id);
  }, 60_000);

  it('lets runs over the limit wait, tells their place, and begins them in order', async () => {
    const runs: { id: string }[] = [];
    for (let i = 0; i < 5; i++) runs.push(await submit('slow'));
    const phaseOf = async (i: number) =>
      (await portal.get(`runs/${runs[i].id}`)).body;
    await portal.until(async () => (await phaseOf(2)).phase === 'Running');
    const waiting = await phaseOf(4);
    holds('Run', waiting);
    expect(waiting).toMatchObject({
      phase: 'Pending',
      queue: {
        position: 2,
        message: "Waits as number 2: project 'one' has 3 of 3 active runs.",
      },
    });
    const list = (await portal.get('runs?limit=5')).body.items;
    expect(list.map((run: any) => run.queue)).toEqual([
      waiting.queue,
      expect.objectContaining({ position: 1 }),
      undefined,
      undefined,
      undefined,
    ]);
    // A run that waits can be stopped, and the next one keeps its place.
    await portal.post(`runs/${runs[3].id}/stop`);
    expect((await portal.end(runs[3].id)).message).toBe(
      "Stopped with strategy 'Stop'",
    );
    expect((await phaseOf(4)).queue.position).toBe(1);
    await portal.post(`runs/${runs[0].id}/stop`);
    await portal.until(async () => (await phaseOf(4)).phase === 'Running');
    for (const { id } of runs) await portal.post(`runs/${id}/stop`);
    for (const { id } of runs) await portal.end(id);
  }, 90_000);

  it('runs the exit handler of a run that is stopped, and none of one that is terminated', async () => {
    const begun = async () => {
      const { id } = await submit('farewell');
      await portal.until(async () => {
        const { nodes } = (await portal.get(`runs/${id}`)).body;
        return nodes?.[id]?.phase === 'Running';
      });
      return id as string;
    };
    const exitOf = (run: any) =>
      Object.values<any>(run.nodes).find(node => node.name.endsWith('.onExit'));
    const stopped = await begun();
    await portal.post(`runs/${stopped}/stop`);
    const run: any = await portal.end(stopped);
    expect(run).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    const exit = exitOf(run);
    expect(exit).toMatchObject({ phase: 'Succeeded' });
    const log = await portal.get(`runs/${stopped}/nodes/${exit.id}/log`);
    expect(log.text).toBe('it Failed\n');
    const terminated = await begun();
    await portal.post(`runs/${terminated}/terminate`);
    expect(exitOf(await portal.end(terminated))).toBeUndefined();
  }, 90_000);

  it('ends a run that grows over its limit, and refuses arguments that are too large', async () => {
    const run = await portal.end((await submit('wide', { count: '50' })).id);
    expect(run.phase).toBe('Error');
    expect(run.message).toBe(
      'the run would have 52 nodes; at most 20 are allowed (mlops.limits.nodesPerRun)',
    );
    const deep = await portal.end((await submit('deep', { levels: '7' })).id);
    expect([deep.phase, deep.message]).toEqual([
      'Error',
      'the run would have 6 calls inside each other; at most 5 are allowed (mlops.limits.depthPerRun)',
    ]);
    expect((await portal.end((await submit('deep')).id)).phase).toBe(
      'Succeeded',
    );
    expect((await portal.end((await submit('wide')).id)).phase).toBe(
      'Succeeded',
    );
    const big = await portal.post('runs', {
      project: 'one',
      pipeline: 'quick',
      parameters: { who: 'x'.repeat(600) },
    });
    expect([big.status, big.body.error.message]).toEqual([
      400,
      expect.stringMatching(
        /^parameters have 6\d\d bytes; at most 500 are taken/,
      ),
    ]);
  }, 60_000);

  it('runs a schedule at its time, shows what started it, and tells the next five times', async () => {
    portal.push(
      schedule(
        'often',
        `schedules: ['@every 2s']
timezone: Europe/Berlin
concurrencyPolicy: Forbid
stopStrategy: { expression: cronworkflow.succeeded >= 2 }
workflowSpec:
  workflowTemplateRef: { name: quick }
  arguments: { parameters: [{ name: who, value: clock }] }`,
      ),
    );
    const first: any = await portal.until(async () => {
      const { items } = (await portal.get('runs?project=one&schedule=often'))
        .body;
      return items[0];
    });
    holds('RunSummary', first);
    expect(first).toMatchObject({
      pipeline: 'quick',
      parameters: [{ name: 'who', value: 'clock' }],
      trigger: { kind: 'schedule', by: 'often' },
    });
    expect(Date.parse(first.trigger.scheduledFor) % 2000).toBe(0);
    const detail = (await portal.get('projects/one')).body;
    holds('ProjectDetail', detail);
    const [shown] = detail.schedules;
    expect(shown).toMatchObject({
      name: 'often',
      pipeline: 'quick',
      timezone: 'Europe/Berlin',
      concurrencyPolicy: 'Forbid',
    });
    const stopped: any = await portal.until(async () => {
      const [item] = (await portal.get('projects/one')).body.schedules;
      return item.stoppedAt && item;
    });
    expect(stopped.next).toEqual([]);
    // A time that led to nothing says why.
    portal.push(
      schedule(
        'rarely',
        `schedules: ['@every 2s']
when: '{{= cronworkflow.failed > 1000 }}'
workflowSpec:
  workflowTemplateRef: { name: quick }`,
      ),
    );
    const passed: any = await portal.until(async () => {
      const { body } = await portal.get('projects/one');
      holds('ProjectDetail', body);
      return body.schedules.find((item: any) => item.name === 'rarely')?.passed;
    });
    expect(passed.why).toBe('its when is false');
    const runs = (await portal.get('runs?project=one&schedule=often')).body
      .items;
    // Each time led to one run at most.
    expect(new Set(runs.map((run: any) => run.trigger.scheduledFor)).size).toBe(
      runs.length,
    );
  }, 60_000);

  it('misses no time within startingDeadlineSeconds over a restart, and lets older ones go', async () => {
    portal.push({
      ...schedule(
        'patient',
        "schedules: ['@every 3s']\nconcurrencyPolicy: Forbid\nstartingDeadlineSeconds: 600\nworkflowSpec: { workflowTemplateRef: { name: quick } }",
      ),
      ...schedule(
        'rests',
        "schedules: ['* * * * *']\nsuspend: true\nworkflowSpec: { workflowTemplateRef: { name: quick } }",
      ),
    });
    await portal.until(
      async () =>
        (
          await portal.get('runs?project=one&schedule=patient')
        ).body.items[0],
    );
    const [rests] = (await portal.get('projects/one')).body.schedules.filter(
      (item: any) => item.name === 'rests',
    );
    expect(rests).toMatchObject({ suspended: true, next: [] });
    await portal.restart();
    const before = (await portal.get('runs?project=one&schedule=patient')).body
      .items.length;
    await portal.until(
      async () =>
        (
          await portal.get('runs?project=one&schedule=patient')
        ).body.items.length > before,
    );
    portal.push(
      schedule(
        'patient',
        "schedules: ['@every 3s']\nsuspend: true\nworkflowSpec: { workflowTemplateRef: { name: quick } }",
      ),
    );
  }, 60_000);

  it('estimates a run by the last ones, with prices', async () => {
    await portal.end((await submit('quick')).id);
    const { body } = await portal.get('pipelines/one/quick/estimate');
    holds('RunEstimate', body);
    expect(body.estimate.runs).toBeGreaterThan(0);
    expect(body.estimate.currency).toBe('EUR');
    expect(body.estimate.seconds.low).toBeLessThanOrEqual(
      body.estimate.seconds.high,
    );
    expect(
      (await portal.get('pipelines/one/slow/estimate')).body.estimate,
    ).toBeNull();
  }, 60_000);

  it('keeps what a registered version was made from, also when a cache gave it to the run that registered it', async () => {
    // The look after the restart would take some of them away.
    await portal.until(
      async () => (await portal.get('health')).body.parts.retention === 'ok',
    );
    const runs: any[] = [];
    for (let count = 0; count < 5; count++)
      runs.push(
        await portal.end(
          (
            await portal.post('runs', { project: 'one', pipeline: 'stages' })
          ).body.id,
        ),
      );
    expect(runs.map(run => run.phase)).toEqual(Array(5).fill('Succeeded'));
    const [made, left, registers] = runs;
    const mlflow = async (call: string, body: object) => {
      const answer = await portal.post(`api/2.0/mlflow/${call}`, body);
      expect([answer.status, answer.body.error_code]).toEqual([200, undefined]);
      return answer.body;
    };
    const { run } = (
      await portal.get(
        `api/2.0/mlflow/runs/get?run_id=${registers.trackingRunId}`,
      )
    ).body;
    const folder = `${run.info.experiment_id}/${registers.trackingRunId}/artifacts/models/m`;
    await portal
      .put(`api/2.0/mlflow-artifacts/artifacts/${folder}/model.json`)
      .set('content-type', 'application/octet-stream')
      .send('{}');
    await mlflow('registered-models/create', { name: 'one.m' });
    await mlflow('model-versions/create', {
      name: 'one.m',
      source: `mlflow-artifacts:/${folder}`,
      run_id: registers.trackingRunId,
    });
    const plan = (await portal.get('projects/one/retention')).body;
    const ofStages = (items: any[]) =>
      items.filter(item => runs.some(({ id }) => id === item.run));
    expect(ofStages(plan.items).map(item => item.run)).toEqual([left.id]);
    expect(ofStages(plan.kept)).toEqual([
      { run: registers.id, why: 'it registered m 1' },
      {
        run: made.id,
        why: `run '${registers.id}', which registered m 1, uses it`,
      },
    ]);
  }, 60_000);

  it('tells what a project keeps, and takes away what its policy says, after a dry run', async () => {
    // Nothing begins or ends any more: the schedule that fires rests, no run goes on, and the look after the restart is done.
    const rests = async (name: string) =>
      (await portal.get('projects/one')).body.schedules.find(
        (item: any) => item.name === name,
      ).suspended;
    await portal.until(() => rests('patient'));
    await portal.until(
      async () => (await portal.get('health')).body.parts.retention === 'ok',
    );
    await portal.until(async () =>
      (
        await portal.get('runs?project=one&limit=200')
      ).body.items.every((run: any) => run.finishedAt),
    );
    const storage = (await portal.get('projects/one/storage')).body;
    holds('Storage', storage);
    expect(storage.runs).toBeGreaterThan(5);
    expect(storage.retention).toEqual({ runs: { last: 2 } });
    const plan = (await portal.get('projects/one/retention')).body;
    holds('RetentionPlan', plan);
    expect(plan.items.length).toBeGreaterThan(0);
    const all = (await portal.get('runs?project=one&limit=200')).body.items;
    const done = (await portal.post('projects/one/retention')).body;
    expect(done.items.map((item: any) => item.run)).toEqual(
      plan.items.map((item: any) => item.run),
    );
    const left = (await portal.get('runs?project=one&limit=200')).body.items;
    expect(left.length).toBe(all.length - plan.items.length);
    for (const pipeline of ['quick', 'slow'])
      expect(left.filter((run: any) => run.pipeline === pipeline).length).toBe(
        2,
      );
    expect((await portal.get(`runs/${plan.items[0].run}`)).status).toBe(404);
    expect((await portal.get('projects/one/retention')).body.items).toEqual([]);
  }, 60_000);
});
