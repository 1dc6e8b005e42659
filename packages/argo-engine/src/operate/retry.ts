/* Attempts of a node. Source: processNodeRetries of Argo's workflow/controller/operator.go. */
import { evaluateBoolean } from '../expressions/expr/evaluate';
import { environmentOf, replaceTagsIn } from '../expressions/tags';
import type { NodeStatus } from '../types';
import { humanDuration } from './duration';
import { NodeFault, type Pass, type Template } from './Pass';
import { isBroken, isFulfilled } from './Tree';

type Strategy = Record<string, any>;

/** The strategy of a template that runs, or the run's own. */
export function retryStrategyOf(
  pass: Pass,
  template: Template,
): Strategy | undefined {
  return (
    template.retryStrategy ??
    (pass.spec.retryStrategy &&
      replaceTagsIn(pass.spec.retryStrategy, pass.globals))
  );
}

/** Decides whether attempts go on: false while a pause is waited for. May end the node. */
export function continueRetries(
  pass: Pass,
  node: NodeStatus,
  strategy: Strategy,
): boolean {
  const attempts = pass.tree.attemptsOf(node);
  const last = attempts.at(-1);
  if (isFulfilled(node) || !last || !isFulfilled(last)) return true;
  const end = (phase: NodeStatus['phase'], message?: string) => {
    pass.tree.mark(node, phase, message);
    return true;
  };
  if (!isBroken(last)) {
    if (last.outputs) node.outputs = structuredClone(last.outputs);
    return end('Succeeded');
  }
  if (pass.shutdown)
    return end(last.phase, `Stopped with strategy '${pass.shutdown}'`);
  if (pass.isOverdue)
    return end(last.phase, `retry exceeded workflow deadline ${pass.deadline}`);
  if (strategy.backoff) {
    const verdict = backOff(pass, attempts, strategy);
    if (verdict.message !== undefined && !verdict.waits)
      return end(last.phase, verdict.message);
    pass.tree.mark(node, node.phase, verdict.message ?? '');
    if (verdict.waits) return false;
  }
  if (!isRetried(last, policyOf(strategy)))
    return end(last.phase, last.message ?? '');
  const limit = limitOf(strategy.limit);
  if (limit !== undefined && attempts.length > limit)
    return end(last.phase, 'No more retries left');
  if (strategy.expression) {
    const scope = environmentOf(lastTexts(last, attempts.length - 1, '-1'));
    if (!evaluateBoolean(strategy.expression, scope))
      return end(last.phase, 'retryStrategy.expression evaluated to false');
  }
  return true;
}

function limitOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const limit = Number(value);
  if (!Number.isInteger(limit))
    throw new NodeFault(
      `value '${String(value)}' cannot be resolved to an int`,
    );
  return limit;
}

/** When attempts go on; an expression alone decides of every end. */
export function policyOf({ retryPolicy, expression }: Strategy): string {
  return retryPolicy || (expression ? 'Always' : 'OnFailure');
}

// Messages that a cluster gives for faults of the moment. Source: util/errors of Argo.
const transient =
  /Connection closed by foreign host|net\/http: TLS handshake timeout|i\/o timeout|connection timed out|connection reset by peer|http2: client connection lost|http2: server sent GOAWAY and closed the connection|connect: connection refused|invalid connection|etcdserver: (?:leader changed|request timed out|too many requests)/;

function isRetried(last: NodeStatus, policy: string): boolean {
  switch (policy) {
    case 'Always':
      return true;
    case 'OnError':
      return last.phase === 'Error';
    case 'OnFailure':
      return last.phase === 'Failed';
    case 'OnTransientError':
      return transient.test(last.message ?? '');
    default:
      throw new NodeFault(`${policy} is not a valid RetryPolicy`);
  }
}

/** Whether a pause is waited for, or would take too long. */
function backOff(
  pass: Pass,
  attempts: NodeStatus[],
  { backoff, limit }: Strategy,
): { message?: string; waits?: boolean } {
  const last = attempts[attempts.length - 1];
  const latest = backoff.maxDuration
    ? Date.parse(attempts[0].startedAt) + pass.durationMs(backoff.maxDuration)
    : undefined;
  // Within a pass the clock moves by an instant: what ends now is over.
  if (latest !== undefined && pass.nowMs >= latest)
    return { message: 'Max duration limit exceeded' };
  if (!backoff.duration)
    throw new NodeFault('no base duration specified for retryStrategy');
  const base = pass.durationMs(backoff.duration);
  const factor = Number(backoff.factor ?? 1);
  let wait = factor > 0 ? base * factor ** (attempts.length - 1) : base;
  if (backoff.cap) wait = Math.min(wait, pass.durationMs(backoff.cap));
  const until = Date.parse(last.finishedAt ?? pass.now) + wait;
  if (latest !== undefined && until >= latest)
    return { message: 'Backoff would exceed max duration limit' };
  const most = limitOf(limit);
  if (pass.nowMs < until && most !== undefined && attempts.length <= most) {
    pass.requeue(until);
    return { waits: true, message: `Backoff for ${humanDuration(wait)}` };
  }
  return {};
}

/** The words of an attempt: its number, and how the one before ended. */
export function attemptTexts(
  _pass: Pass,
  _parent: NodeStatus,
  number: number,
  before: NodeStatus | undefined,
): Record<string, string> {
  return lastTexts(before, number, '0');
}

function lastTexts(
  last: NodeStatus | undefined,
  retries: number,
  noCode: string,
): Record<string, string> {
  const seconds =
    last?.finishedAt === undefined
      ? 0
      : (Date.parse(last.finishedAt) - Date.parse(last.startedAt)) / 1000;
  return {
    retries: String(retries),
    'lastRetry.exitCode': last?.outputs?.exitCode ?? (last ? noCode : '0'),
    'lastRetry.status': last?.phase ?? '',
    'lastRetry.duration': String(seconds),
    'lastRetry.message': last?.message ?? '',
  };
}
