/*
 * Whole runs as Argo's own controller and executor did them, done again by our engine and executor with real processes. Files whose
 * fields are refused are left out by the same lint that refuses them in the portal. What a user did meanwhile is done again too, but
 * for taking a pod away: there is none.
 */
import {
  collectFiles,
  initialState,
  lintWorkflow,
  newWorkflow,
  parseWorkflows,
  resolveWorkflow,
  type NodeStatus,
  type ParsedWorkflow,
  type TemplateLookup,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import { LocalStepRunner, readLog } from '@backstage-mlops/mlops-executor';
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
  document: ParsedWorkflow;
  /** What the file holds beside the workflow. */
  templates: TemplateLookup;
  expected: any;
}

/** What a user does, as the workflow's annotation says: `after` a phase is seen, in seconds. */
interface Action {
  after: { node?: string; phase?: string; workflow?: string };
  delay: number;
  verb: 'stop' | 'terminate' | 'resume';
}

function actionsOf(document: ParsedWorkflow): Action[] {
  const text = document.manifest.metadata.annotations?.['oracle/actions'];
  return JSON.parse(text ?? '[]').map(({ when, delay, run }: any) => ({
    after: when,
    delay,
    verb: run?.[0],
  }));
}

function isSeen({ after }: Action, state: WorkflowState): boolean {
  if (after.workflow) return state.phase === after.workflow;
  return Object.values(state.nodes).some(
    node => node.displayName === after.node && node.phase === after.phase,
  );
}

/** Every recorded workflow that lints clean here. */
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
      const templates: TemplateLookup = (wanted, clusterScope) =>
        documents.find(
          document =>
            document.name === wanted &&
            document.kind ===
              (clusterScope ? 'ClusterWorkflowTemplate' : 'WorkflowTemplate'),
        )?.manifest as ReturnType<TemplateLookup>;
      return documents
        .filter(
          document =>
            document.kind === 'Workflow' &&
            lintWorkflow(document, templates).every(
              problem => problem.severity !== 'error',
            ),
        )
        .flatMap(document => {
          const expected = record.workflows.find(
            (workflow: any) => workflow.name === document.name,
          );
          const isWhole =
            expected &&
            !expected.refused &&
            !expected.oracleTimeout &&
            expected.nodes.length > 0 &&
            actionsOf(document).every(({ verb }) => verb);
          return isWhole ? [{ document, templates, expected }] : [];
        });
    });
}

const valuesOf = (list: any[] = []) =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

// Where an artifact is kept differs; that it is there does not.
const namesOf = (list: any[] = []) =>
  list.filter(item => item.key || item.s3).map(({ name }) => name);

/** A node of the record and one of ours, as far as they must be equal. */
function viewOf(
  node: any,
  links: { boundary?: string; children: string[]; outbound: string[] },
): Record<string, unknown> {
  const { memoizationStatus: memo, templateRef: ref } = node;
  return {
    id: node.id,
    displayName: node.displayName,
    type: node.type,
    phase: node.phase,
    message: node.message,
    templateName: node.templateName,
    templateRef: ref && { name: ref.name, template: ref.template },
    nodeFlag: node.nodeFlag,
    memoization: memo && [memo.cacheName, memo.key, memo.hit],
    boundary: links.boundary,
    children: [...links.children].sort(),
    outbound: [...links.outbound].sort(),
    result: node.outputs?.result,
    exitCode: node.outputs?.exitCode,
    inputs: valuesOf(node.inputs?.parameters),
    inputArtifacts: namesOf(node.inputs?.artifacts),
    parameters: valuesOf(node.outputs?.parameters),
    artifacts: namesOf(node.outputs?.artifacts),
  };
}

function viewsOf(nodes: Record<string, NodeStatus>) {
  const nameOf = (id: string) => nodes[id]?.name ?? `?${id}`;
  return Object.fromEntries(
    Object.values(nodes).map(node => [
      node.name,
      viewOf(node, {
        boundary: node.boundaryID && nameOf(node.boundaryID),
        children: node.children.map(nameOf),
        outbound: (node.outboundNodes ?? []).map(nameOf),
      }),
    ]),
  );
}

function recordedViews(nodes: any[]) {
  return Object.fromEntries(
    nodes.map(node => [
      node.name,
      viewOf(node, {
        boundary: node.boundary,
        children: node.children ?? [],
        outbound: node.outbound ?? [],
      }),
    ]),
  );
}

const linesOf = (text: string) => text.replace(/\n$/, '').split('\n');

// What the one who starts a program says of one that is not there has other words here.
const isOfProgram = (line: string) =>
  !/^(Error: )?failed to find name in PATH/.test(line);

/** What the programs of each node printed, line by line. */
function recordedLogs(nodes: any[]): Record<string, string[]> {
  return Object.fromEntries(
    nodes.flatMap(({ name, log = [] }) => {
      const lines = log.filter(isOfProgram).sort();
      return lines.length > 0 ? [[name, lines]] : [];
    }),
  );
}

async function logsOf(store: RunStore, run: string, state: WorkflowState) {
  const logs: Record<string, string[]> = {};
  for (const { nodeId, directory } of await store.attempts.list(run)) {
    const { bytes } = await readLog(directory);
    const lines = linesOf(bytes.toString()).filter(isOfProgram).sort();
    if (bytes.length > 0 && lines.length > 0)
      logs[state.nodes[nodeId].name] = lines;
  }
  return logs;
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
    expect(all.length).toBeGreaterThanOrEqual(52));

  it.each(all.map(item => [item.expected.name, item] as const))(
    '%s gives the tree of the real controller',
    async (name, { document, templates, expected }) => {
      const { metadata, spec } = document.manifest;
      const whole = resolveWorkflow({ metadata, spec }, templates);
      const fresh = newWorkflow({
        document: {
          ...document,
          manifest: { ...document.manifest, spec: whole.spec },
        },
        name,
        namespace: 'argo',
        creationTimestamp: new Date().toISOString(),
      });
      const workflow = { ...fresh, stored: collectFiles(fresh, templates) };
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
      const open = actionsOf(document);
      const act = async (verb: Action['verb']) => {
        if (verb === 'stop') return loop.requestShutdown('Stop');
        if (verb === 'terminate') return loop.requestShutdown('Terminate');
        await store.controls.add(name, { kind: 'resume' });
        return loop.requestControl();
      };
      const loop = new RunLoop(run, lease, {
        store,
        runner,
        slots: new Slots(8),
        folder: path.join(folder, 'runs'),
        environment: {},
        orphanSeconds: 3600,
        size: { nodesPerRun: 5000, depthPerRun: 100 },
        admission: async () => {},
        onChange: now => {
          const due = open.filter(action => isSeen(action, now));
          for (const action of due) {
            open.splice(open.indexOf(action), 1);
            setTimeout(() => act(action.verb), action.delay * 1000);
          }
        },
        onEnd: async () => {},
        onTrouble: error => {
          throw error;
        },
      });
      const state = await loop.toEnd();
      expect({
        phase: state.phase,
        message: state.message ?? undefined,
      }).toEqual({
        phase: expected.phase,
        message: expected.message || undefined,
      });
      expect(viewsOf(state.nodes)).toEqual(recordedViews(expected.nodes));
      expect(await logsOf(store, name, state)).toEqual(
        recordedLogs(expected.nodes),
      );
      expect(state.progress).toBe(expected.progress);
      expect({
        parameters: valuesOf(state.outputs?.parameters),
        artifacts: (state.outputs?.artifacts ?? []).map(item => item.name),
      }).toEqual({
        parameters: valuesOf(expected.outputs?.parameters),
        artifacts: (expected.outputs?.artifacts ?? []).map(
          (item: any) => item.name,
        ),
      });
    },
    60_000,
  );
});
