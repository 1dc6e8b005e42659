import { errorLine } from '@backstage-mlops/mlops-core';
import { readLog } from '@backstage-mlops/mlops-executor';

const tailBytes = 16_384;

/** Argo's message says how a step ended; the last error line of its log says why. */
export async function explainEnd(
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
