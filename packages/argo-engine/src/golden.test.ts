/* The trees of Argo's own controller, pass by pass, for the records whose workflows lint clean here. */
import fs from 'node:fs';
import path from 'node:path';
import {
  initialState,
  lintWorkflow,
  nodeId,
  operate,
  parseWorkflows,
  type PodObservation,
  type WorkflowState,
} from './index';

const file = path.resolve(
  __dirname,
  '../../../../shared/argo-golden/operate.jsonl',
);
const records = fs
  .readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line));

function supported(record: any): boolean {
  if (
    record.workflowTemplates ||
    record.features.some((feature: string) =>
      ['invalid', 'infiniteRecursion'].includes(feature),
    )
  )
    return false;
  const { documents } = parseWorkflows(
    JSON.stringify(record.workflow),
    'record.json',
  );
  return (
    documents.length === 1 &&
    lintWorkflow(documents[0]).every(problem => problem.severity !== 'error')
  );
}

function play(record: any): string[] {
  const faults: string[] = [];
  let state: WorkflowState = initialState();
  let now = Date.parse('2026-01-01T00:00:00Z');
  let shutdown: 'Stop' | 'Terminate' | undefined;
  const pods: Record<string, PodObservation> = {};
  record.after.forEach((expected: any, pass: number) => {
    const result = operate({
      workflow: record.workflow,
      state,
      pods,
      now: new Date(now).toISOString(),
      shutdown,
    });
    state = result.state;
    faults.push(
      ...compare(record, expected, result).map(
        fault => `${record.id} pass ${pass + 1}: ${fault}`,
      ),
    );
    for (const request of result.start)
      pods[request.nodeId] = { nodeId: request.nodeId, phase: 'Running' };
    const event = record.schedule[pass] ?? {};
    for (const end of event.complete ?? []) {
      const id = nodeId('wf', end.node);
      pods[id] = {
        nodeId: id,
        phase: end.phase,
        exitCode: end.exitCode,
        message: end.podMessage,
        outputs: {
          ...(end.result !== undefined ? { result: end.result } : {}),
          ...(end.parameters
            ? {
                parameters: Object.entries(end.parameters).map(
                  ([name, value]) => ({ name, value: value as string }),
                ),
              }
            : {}),
        },
      };
    }
    shutdown = event.shutdown ?? shutdown;
    now += (event.advance ?? 0) * 1000;
  });
  return faults;
}

function compare(
  record: any,
  expected: any,
  result: ReturnType<typeof operate>,
): string[] {
  const faults: string[] = [];
  const same = (what: string, a: unknown, b: unknown) => {
    if (JSON.stringify(a) !== JSON.stringify(b))
      faults.push(
        `${what}: ${JSON.stringify(a)} instead of ${JSON.stringify(b)}`,
      );
  };
  const { state } = result;
  if (expected.phase !== undefined) same('phase', state.phase, expected.phase);
  same(
    'started',
    result.start.map(item => item.nodeName).sort(),
    Object.keys(expected.started ?? {}).sort(),
  );
  for (const request of result.start) {
    const wanted = expected.started?.[request.nodeName];
    if (wanted?.args)
      same(
        `args of ${request.nodeName}`,
        request.template.container?.args ?? request.template.script?.args,
        wanted.args,
      );
    if (wanted?.source)
      same(
        `source of ${request.nodeName}`,
        request.template.script?.source,
        wanted.source,
      );
    same(
      `captureResult of ${request.nodeName}`,
      request.captureResult,
      Boolean(wanted?.captureResult),
    );
  }
  if (expected.unchanged) return faults;
  const byName = Object.fromEntries(
    Object.values(state.nodes).map(node => [node.name, node]),
  );
  same('names', Object.keys(byName).sort(), Object.keys(expected.nodes).sort());
  const names = Object.fromEntries(
    Object.values(state.nodes).map(node => [node.id, node.name]),
  );
  for (const [name, wanted] of Object.entries<any>(expected.nodes)) {
    const node = byName[name];
    if (!node) continue;
    for (const field of [
      'id',
      'displayName',
      'type',
      'phase',
      'message',
      'templateName',
    ] as const)
      same(`${name}.${field}`, node[field], wanted[field]);
    same(
      `${name}.boundary`,
      node.boundaryID && names[node.boundaryID],
      wanted.boundaryName,
    );
    for (const list of ['children', 'outboundNodes'] as const) {
      const ids = (node[list] ?? []).map(id => names[id] ?? `?${id}`);
      const sort = record.unordered?.includes(name);
      same(`${name}.${list}`, sort ? [...ids].sort() : ids, wanted[list] ?? []);
    }
    same(`${name}.result`, node.outputs?.result, wanted.outputs?.result);
    same(`${name}.exitCode`, node.outputs?.exitCode, wanted.outputs?.exitCode);
    const parameters = (list: any[] | undefined) =>
      Object.fromEntries(
        (list ?? []).map(({ name: key, value }) => [key, value]),
      );
    same(
      `${name}.inputs`,
      parameters(node.inputs?.parameters),
      wanted.inputs?.parameters ?? {},
    );
    same(
      `${name}.outputs`,
      parameters(node.outputs?.parameters),
      wanted.outputs?.parameters ?? {},
    );
  }
  return faults;
}

describe('operate', () => {
  const played = records.filter(supported);

  it(`gives the trees of the real controller in ${played.length} records, after every pass`, () => {
    expect(played.length).toBeGreaterThanOrEqual(15);
    expect(played.flatMap(play)).toEqual([]);
  });
});
