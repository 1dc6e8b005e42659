/*
 * Whole runs as Argo's own controller and executor did them, done again by our engine and executor with real processes. Files whose
 * fields are not supported yet are left out by the same lint that refuses them in the portal.
 */
import {
  initialState,
  lintWorkflow,
  newWorkflow,
  parseWorkflows,
  type NodeStatus,
  type ParsedWorkflow,
} from '@backstage-mlops/argo-engine';
import { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import {
  applyTrackingMigrations,
  FileArtifactStore,
} from '@backstage-mlops/mlops-tracking';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RunLoop } from './RunLoop';
import { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';
import { Slots } from './Slots';

const golden = path.resolve(
  __dirname,
  '../../../../../shared/argo-golden/runs',
);

interface Case {
  file: string;
  document: ParsedWorkflow;
  expected: any;
}

/** Every recorded workflow that lints clean here and was left alone by its user. */
function cases(): Case[] {
  return fs
    .readdirSync(golden)
    .filter(name => name.endsWith('.yaml'))
    .flatMap(name => {
      const record = JSON.parse(
        fs.readFileSync(
          path.join(golden, name.replace('.yaml', '.json')),
          'utf8',
        ),
      );
      const { documents } = parseWorkflows(
        // Who recorded it read YAML 1.1, where a number with an exponent has a dot: this one is a text.
        fs
          .readFileSync(path.join(golden, name), 'utf8')
          .replace(/a: 1e6\b/, 'a: "1e6"'),
        name,
      );
      return documents
        .filter(
          document =>
            document.kind === 'Workflow' &&
            lintWorkflow(document).every(
              problem => problem.severity !== 'error',
            ),
        )
        .flatMap(document => {
          const expected = record.workflows.find(
            (workflow: any) => workflow.name === document.name,
          );
          const untouched =
            expected &&
            !expected.refused &&
            !expected.oracleTimeout &&
            !(expected.actions?.length > 0) &&
            expected.nodes.length > 0;
          return untouched ? [{ file: name, document, expected }] : [];
        });
    });
}

function differences(
  expected: any,
  nodes: Record<string, NodeStatus>,
): string[] {
  const byName = Object.fromEntries(
    Object.values(nodes).map(node => [node.name, node]),
  );
  const names = Object.fromEntries(
    Object.values(nodes).map(node => [node.id, node.name]),
  );
  const faults: string[] = [];
  const same = (what: string, ours: unknown, theirs: unknown) =>
    JSON.stringify(ours) === JSON.stringify(theirs) ||
    faults.push(
      `${what}: ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`,
    );
  same(
    'names',
    Object.keys(byName).sort(),
    expected.nodes.map((node: any) => node.name).sort(),
  );
  for (const wanted of expected.nodes) {
    const node = byName[wanted.name];
    if (!node) continue;
    for (const field of [
      'id',
      'displayName',
      'type',
      'phase',
      'message',
      'templateName',
    ] as const)
      same(`${wanted.name}.${field}`, node[field], wanted[field]);
    same(
      `${wanted.name}.children`,
      node.children.map(id => names[id]).sort(),
      [...(wanted.children ?? [])].sort(),
    );
    same(`${wanted.name}.result`, node.outputs?.result, wanted.outputs?.result);
    same(
      `${wanted.name}.exitCode`,
      node.outputs?.exitCode,
      wanted.outputs?.exitCode,
    );
    const values = (list: any[] | undefined) =>
      Object.fromEntries((list ?? []).map(({ name, value }) => [name, value]));
    same(
      `${wanted.name}.parameters`,
      values(node.outputs?.parameters),
      values(wanted.outputs?.parameters),
    );
  }
  return faults;
}

const ids = ['SQLITE_3', 'POSTGRES_17'] as const;
const databases = TestDatabases.create({ ids: [...ids] });

describe.each(ids)('recorded runs on %s', database => {
  const all = cases();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'golden-'));
  let knex: Knex;
  let store: RunStore;
  let runner: LocalStepRunner;
  beforeAll(async () => {
    knex = await databases.init(database);
    store = new RunStore(knex);
    runner = new LocalStepRunner({
      artifacts: new FileArtifactStore(folder, knex),
      environments: [{ images: ['*'], mounts: [] }],
      fetchGit: async () => undefined,
    });
    await knex.migrate.latest({
      directory: path.resolve(__dirname, '../../migrations'),
    });
    await applyTrackingMigrations(knex);
  });
  afterAll(async () => {
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('are enough to mean something', () =>
    expect(all.length).toBeGreaterThanOrEqual(45));

  it.each(all.map(item => [item.expected.name, item] as const))(
    '%s gives the tree of the real controller',
    async (name, { document, expected }) => {
      const workflow = newWorkflow({
        document,
        name,
        creationTimestamp: new Date().toISOString(),
      });
      const summary = {
        id: name,
        project: 'p',
        pipeline: 'q',
        engine: 'local' as const,
        phase: 'Pending' as const,
        ref: 'main',
        commit: '0'.repeat(40),
        file: 'f',
        parameters: [],
        trigger: { kind: 'person' as const, by: 'user:default/t' },
        createdAt: new Date().toISOString(),
        trackingRunId: name,
      };
      const run: StoredRun = {
        summary,
        workflow,
        state: initialState(),
        isolation: 'namespaces',
        experimentId: '1',
      };
      const lease = await store.add(run, name, {
        owner: 'test',
        until: knex.raw('null'),
      });
      const state = await new RunLoop(run, lease, {
        store,
        runner,
        slots: new Slots(8),
        folder: path.join(folder, 'runs'),
        environment: {},
        orphanSeconds: 3600,
        size: { nodesPerRun: 5000, depthPerRun: 100 },
        admission: async () => {},
        onChange: () => {},
        onEnd: async () => {},
        onTrouble: error => {
          throw error;
        },
      }).toEnd();
      expect({
        phase: state.phase,
        message: state.message ?? undefined,
      }).toEqual({
        phase: expected.phase,
        message: expected.message || undefined,
      });
      expect(differences(expected, state.nodes)).toEqual([]);
    },
    60_000,
  );
});
