/*
 * How far a project has come on the way from steps by hand (level 0) over an automated pipeline (1) to continuous delivery of models
 * (2). Every point is shown by something in git or by a run, never by somebody's word.
 */
import { setInYaml } from '@backstage-mlops/argo-engine';
import type { Maturity } from '../changes/Change';
import { gatesOf } from '../models/modelPolicy';
import type { ReadProject } from './readProject';

/** What runs and files outside the read ones show. @public */
export interface MaturityFacts {
  read: ReadProject;
  /** The newest run that succeeded at a commit of the main branch. */
  goodRun?: { id: string; pipeline: string; finishedAt: string };
  /** The newest run that a schedule or trigger started. */
  firedRun?: { id: string; by: string; at: string };
  /** Test files of the project, relative to its folder. */
  tests: string[];
  /** Text of a file of the project at the commit, for fixes of it. */
  textOf(file: string): string | undefined;
}

type Point = Maturity['points'][number];

/** The level and its points. @public */
export function maturityOf(facts: MaturityFacts): Maturity {
  const points = [
    projectPoint(facts),
    pipelinePoint(facts),
    runPoint(facts),
    dataPoint(facts),
    testPoint(facts),
    gatePoint(facts),
    schedulePoint(facts),
  ];
  const reached = (level: number) =>
    points.every(point => point.level > level || point.met);
  return { level: reached(2) ? 2 : reached(1) ? 1 : 0, points };
}

function projectPoint({ read }: MaturityFacts): Point {
  return {
    name: 'project in git',
    level: 0,
    met: read.project !== undefined,
    message: read.project
      ? 'mlproject.yaml says what is decided, for whom, and what a wrong answer costs.'
      : 'mlproject.yaml has a fault or is missing.',
  };
}

const isSound = ({ problems }: { problems: { severity: string }[] }) =>
  !problems.some(({ severity }) => severity === 'error');

function pipelinePoint({ read }: MaturityFacts): Point {
  const sound = read.pipelines.filter(isSound);
  const point = { name: 'pipeline in git', level: 1 as const };
  if (sound.length > 0)
    return {
      ...point,
      met: true,
      message: `${listed(sound.map(({ name }) => name))} can run.`,
    };
  return {
    ...point,
    met: false,
    message:
      read.pipelines.length > 0
        ? `${listed(
            read.pipelines.map(({ name }) => name),
          )} cannot run; the file has faults.`
        : 'There is no pipeline.',
    ...(read.pipelines.length === 0 && {
      fix: {
        path: `${read.path}/pipelines/train.yaml`,
        content: firstPipeline,
      },
    }),
  };
}

function runPoint({ goodRun }: MaturityFacts): Point {
  return {
    name: 'good run from the main branch',
    level: 1,
    met: goodRun !== undefined,
    message: goodRun
      ? `Run ${goodRun.id} of ${goodRun.pipeline} succeeded on ${day(
          goodRun.finishedAt,
        )}.`
      : 'No run of the main branch has succeeded yet.',
  };
}

function dataPoint({ read, textOf }: MaturityFacts): Point {
  const point = { name: 'data checks', level: 1 as const };
  const checked = read.datasets.filter(
    ({ value }) => (value?.spec.checks.length ?? 0) > 0,
  );
  if (checked.length > 0)
    return {
      ...point,
      met: true,
      message: checked
        .map(
          ({ name, value }) =>
            `${name} has ${count(value!.spec.checks.length, 'check')}.`,
        )
        .join(' '),
    };
  const [dataset] = read.datasets;
  if (!dataset)
    return {
      ...point,
      met: false,
      message: 'There is no dataset file, so nothing checks the data.',
      fix: {
        path: `${read.path}/datasets/data.yaml`,
        content: firstDataset,
      },
    };
  return {
    ...point,
    met: false,
    message: `${listed(
      read.datasets.map(({ name }) => name),
    )} names no checks.`,
    ...fixOf(dataset.file, textOf, [
      {
        at: ['spec', 'checks'],
        value: [
          {
            name: 'not empty',
            description: 'At least one row is there.',
            min: 1,
            severity: 'fail',
          },
        ],
      },
    ]),
  };
}

function testPoint({ read, tests }: MaturityFacts): Point {
  const point = { name: 'tests', level: 2 as const };
  if (tests.length > 0)
    return {
      ...point,
      met: true,
      message: `${count(tests.length, 'test file')}, as ${tests[0]}.`,
    };
  return {
    ...point,
    met: false,
    message: 'The project has no tests.',
    fix: {
      path: `${read.path}/test/project.test.mjs`,
      content: firstTest,
    },
  };
}

function gatePoint({ read, textOf }: MaturityFacts): Point {
  const point = { name: 'gates', level: 2 as const };
  if (read.models.length === 0)
    return { ...point, met: false, message: 'There is no model file.' };
  const open = read.models.find(({ value }) => gatesOf(value).length === 0);
  if (!open)
    return {
      ...point,
      met: true,
      message: read.models
        .map(
          ({ name, value }) =>
            `${name} has ${count(gatesOf(value).length, 'gate')}.`,
        )
        .join(' '),
    };
  const metric = open.value?.spec.primaryMetric;
  return {
    ...point,
    met: false,
    message: `${open.name} has no gates: any version may be promoted.`,
    ...(metric &&
      fixOf(open.file, textOf, [
        {
          at: ['spec', 'gates'],
          value: [
            {
              name: `no worse ${metric.name}`,
              check: `${access('metrics', metric.name)} ${
                metric.direction === 'higher' ? '>=' : '<='
              } ${access('champion', metric.name)}`,
            },
          ],
        },
      ])),
  };
}

function schedulePoint({ read, firedRun, goodRun }: MaturityFacts): Point {
  const point = { name: 'schedule or trigger that fired', level: 2 as const };
  if (firedRun)
    return {
      ...point,
      met: true,
      message: `${firedRun.by} started run ${firedRun.id} on ${day(
        firedRun.at,
      )}.`,
    };
  if (read.schedules.length > 0)
    return {
      ...point,
      met: false,
      message: `${listed(read.schedules.map(({ name }) => name))} ${
        read.schedules.length > 1 ? 'are there and have' : 'is there and has'
      } not started a run yet.`,
    };
  const sound = read.pipelines.filter(isSound);
  // What is known to succeed is what may start by itself.
  const pipeline =
    sound.find(({ name }) => name === goodRun?.pipeline) ?? sound[0];
  return {
    ...point,
    met: false,
    message: 'Nothing starts a run by itself.',
    ...(pipeline && {
      fix: {
        path: `${read.path}/pipelines/weekly.yaml`,
        content: weekly(pipeline.name),
      },
    }),
  };
}

function fixOf(
  file: string,
  textOf: MaturityFacts['textOf'],
  edits: Parameters<typeof setInYaml>[1],
): { fix?: Point['fix'] } {
  const text = textOf(file);
  if (text === undefined) return {};
  try {
    return { fix: { path: file, content: setInYaml(text, edits) } };
  } catch {
    return {};
  }
}

const access = (owner: string, metric: string) =>
  /^[A-Za-z_]\w*$/.test(metric)
    ? `${owner}.${metric}`
    : `${owner}[${JSON.stringify(metric)}]`;
const listed = (names: string[]) => names.join(', ');
const count = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
const day = (time: string) => time.slice(0, 10);

const firstPipeline = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata:
  name: train
spec:
  entrypoint: main
  templates:
    - name: main
      container:
        image: mlops-steps:22
        command: [node, -e]
        args: ['console.log("Here the model is trained.")']
`;

const firstDataset = `apiVersion: backstage-mlops/v1alpha1
kind: Dataset
metadata:
  name: data
spec:
  sources:
    - name: Where the data come from
  schema: []
  checks:
    - { name: not empty, min: 1, severity: fail }
  licence: unknown
`;

const firstTest = `import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

test('the project says what it decides', () => {
  const file = readFileSync(new URL('../mlproject.yaml', import.meta.url), 'utf8');
  assert.match(file, /decides: ./);
});
`;

const weekly = (pipeline: string) => `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata:
  name: weekly
spec:
  schedules: ['0 6 * * 1']
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3600
  workflowSpec:
    workflowTemplateRef: { name: ${pipeline} }
`;
