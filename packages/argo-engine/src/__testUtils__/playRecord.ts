/*
 * Plays a record of Argo's own controller: the same pods end at the same time, and after every pass the trees are compared.
 * The form of a record: `id`, `workflow`, `workflowTemplates`, `schedule` (what happens between two passes), `after` (the tree after
 * each pass), `stuck` (Argo waits for ever from the end on), `unordered` (nodes whose lists have no fixed order).
 */
import {
  initialState,
  nodeId,
  operate,
  resolveWorkflow,
  resumeNode,
  type CacheEntry,
  type PodObservation,
  type WorkflowState,
} from '../index';

/** Every difference of our trees from those of the record. */
export function playRecord(record: any): string[] {
  const faults: string[] = [];
  let state: WorkflowState = initialState();
  let now = Date.parse('2026-01-01T00:00:00Z');
  let shutdown: 'Stop' | 'Terminate' | undefined;
  const pods: Record<string, PodObservation> = {};
  const caches = new Map<string, CacheEntry>();
  const files = new Map<string, any>(
    (record.workflowTemplates ?? []).map((item: any) => [
      item.metadata.name,
      item,
    ]),
  );
  const workflow = resolveWorkflow(record.workflow, name => files.get(name));
  const stuckAt = endOf(record);
  record.after.forEach((expected: any, pass: number) => {
    const result = operate({
      workflow,
      state,
      pods,
      now: new Date(now).toISOString(),
      shutdown,
      cached: (name, key) => caches.get(`${name}/${key}`),
      templates: name => files.get(name),
      lock: name => ({ held: 0, limit: limitOf(record, name) }),
    });
    state = result.state;
    for (const { cacheName, key, nodeId: filler, outputs } of result.saves)
      caches.set(`${cacheName}/${key}`, {
        nodeId: filler,
        outputs,
        createdAt: new Date(now).toISOString(),
      });
    if (pass < stuckAt)
      faults.push(
        ...compare(record, expected, result).map(
          fault => `${record.id} pass ${pass + 1}: ${fault}`,
        ),
      );
    for (const request of result.start)
      pods[request.nodeId] = { nodeId: request.nodeId, phase: 'Running' };
    const event = record.schedule[pass] ?? {};
    for (const ended of event.complete ?? [])
      observeEnd(pods, ended, new Date(now).toISOString());
    for (const { node, parameters, phase, message } of event.resume ?? [])
      state = resumeNode(state, nodeId('wf', node), {
        parameters,
        keepsUnset: true,
        fails: phase === 'Failed',
        message,
        now: new Date(now).toISOString(),
      });
    if (event.resumeWorkflow) state = { ...state, suspended: false };
    shutdown = event.shutdown ?? shutdown;
    now += (event.advance ?? 0) * 1000;
  });
  return faults;
}

// How many may hold a lock at once: a mutex one, a semaphore what its ConfigMap says.
function limitOf(record: any, lockName: string): number {
  const [, kind, name, key] = lockName.split('/');
  if (kind !== 'ConfigMap') return 1;
  const file = (record.configMaps ?? []).find(
    (item: any) => item.metadata.name === name,
  );
  return Number(file?.data[key] ?? 1);
}

// Argo hangs for ever at the end of some records; only what came before is compared.
function endOf(record: any): number {
  let end = record.after.length;
  if (!record.stuck) return end;
  while (record.after[end - 1].unchanged) end -= 1;
  return end - 1;
}

function observeEnd(
  pods: Record<string, PodObservation>,
  ended: any,
  finishedAt: string,
): void {
  const id = nodeId('wf', ended.node);
  pods[id] = {
    nodeId: id,
    phase: ended.phase,
    finishedAt,
    exitCode: ended.exitCode,
    podMessage: ended.podMessage,
    ...(ended.waitExitCode
      ? {
          executorFault: {
            container: 'wait' as const,
            exitCode: ended.waitExitCode,
            message: '',
          },
        }
      : {}),
    outputs: {
      ...(ended.result !== undefined ? { result: ended.result } : {}),
      ...(ended.parameters
        ? {
            parameters: Object.entries(ended.parameters).map(
              ([name, value]) => ({ name, value: value as string }),
            ),
          }
        : {}),
    },
  };
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
  if (expected.phase !== undefined) {
    same('phase', state.phase, expected.phase);
    same('message', state.message, expected.message);
    same('progress', state.progress, expected.progress);
  }
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
  const outputsOf = (list: any[] | undefined) =>
    Object.fromEntries(
      (list ?? []).map(({ name, value }) => [name, String(value)]),
    );
  same(
    'outputs',
    ordered(outputsOf(state.outputs?.parameters)),
    ordered(expected.outputs?.parameters ?? {}),
  );
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
      const listed = (wanted[list] ?? []) as string[];
      same(
        `${name}.${list}`,
        sort ? [...ids].sort() : ids,
        sort ? [...listed].sort() : listed,
      );
    }
    same(`${name}.result`, node.outputs?.result, wanted.outputs?.result);
    same(`${name}.exitCode`, node.outputs?.exitCode, wanted.outputs?.exitCode);
    const parameters = (list: any[] | undefined) =>
      Object.fromEntries(
        (list ?? []).map(({ name: key, value }) => [key, value]),
      );
    same(
      `${name}.inputs`,
      ordered(parameters(node.inputs?.parameters)),
      ordered(wanted.inputs?.parameters ?? {}),
    );
    same(
      `${name}.outputs`,
      ordered(parameters(node.outputs?.parameters)),
      ordered(wanted.outputs?.parameters ?? {}),
    );
    for (const field of [
      'nodeFlag',
      'memoizationStatus',
      'synchronizationStatus',
      'templateRef',
    ] as const)
      same(`${name}.${field}`, ordered(node[field]), ordered(wanted[field]));
  }
  return faults;
}

const ordered = (value: any) =>
  value && Object.fromEntries(Object.entries(value).sort());
