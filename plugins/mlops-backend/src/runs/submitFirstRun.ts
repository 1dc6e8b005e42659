import type { LoggerService } from '@backstage/backend-plugin-api';
import type { RunService } from './RunService';
import type { RunStore } from './RunStore';

/** Submits the configured run when there is none yet, so that a newcomer sees one at work. */
export async function submitFirstRun(options: {
  firstRun?: { project: string; pipeline: string };
  runs: RunStore;
  runService: RunService;
  logger: LoggerService;
}): Promise<void> {
  const { firstRun, runs, runService, logger } = options;
  if (!firstRun || !(await runs.isEmpty())) return;
  await runService
    .submitFirst(firstRun)
    .catch(error =>
      logger.warn(`The first run could not be submitted: ${error.message}`),
    );
}
