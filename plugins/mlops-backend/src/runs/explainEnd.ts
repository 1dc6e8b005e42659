import { isTerminal, type WorkflowState } from '@backstage-mlops/argo-engine';
import { errorLine, findCause } from '@backstage-mlops/mlops-core';
import { readLog } from '@backstage-mlops/mlops-executor';

const tailBytes = 16_384;

/** The node that a run broke by, and why, once it is over; undefined when nothing broke. */
export async function explainEnd(
  state: WorkflowState,
  directoryOf: (nodeId: string) => string | undefined,
): Promise<{ node: string; message: string } | undefined> {
  if (!isTerminal(state) || state.phase === 'Succeeded') return undefined;
  const broken = findCause(state.nodes);
  if (!broken) return undefined;
  const { id, displayName, phase, message = phase } = broken;
  return {
    node: displayName,
    message: await withLogOf(directoryOf(id), message),
  };
}

/** Argo's message says how a step ended; the last error line of its log says why. */
async function withLogOf(
  directory: string | undefined,
  message: string,
): Promise<string> {
  const exit = /^main: Error \(exit code (\d+)\)$/.exec(message);
  if (!directory || !exit) return message;
  const { sizeBytes } = await readLog(directory, { limitBytes: 0 });
  const { bytes } = await readLog(directory, {
    offset: Math.max(0, sizeBytes - tailBytes),
  });
  const line = errorLine(bytes.toString('utf8'));
  return line ? `exit code ${exit[1]}: ${line}` : `exit code ${exit[1]}`;
}
