import type { EngineHealth, EnginePipeline } from '@backstage-mlops/mlops-core';
import type { IndexedProject } from '../gitops/GitopsIndex';

/** The engines that there are, and how they are. */
export interface Engines {
  /** Whether runs may begin on this machine. */
  engineIsOn: boolean;
  defaultEngine: string;
  names: string[];
  health: Record<string, EngineHealth>;
}

/** Where each pipeline of a project would run, and what is in its way. */
export function pipelineFacts(
  { read, lastGood }: Pick<IndexedProject, 'read' | 'lastGood'>,
  engines: Engines,
): Record<string, EnginePipeline> {
  const file = read.project ?? lastGood?.read.project;
  const engine = file?.spec.engine ?? engines.defaultEngine;
  const trouble = troubleOf(engine, engines);
  const facts: EnginePipeline = {
    engine,
    ...(trouble && { trouble }),
    ...(lastGood && { lastGoodCommit: lastGood.commit }),
  };
  return Object.fromEntries(read.pipelines.map(({ name }) => [name, facts]));
}

function troubleOf(
  engine: string,
  { engineIsOn, names, health }: Engines,
): EnginePipeline['trouble'] {
  if (!names.includes(engine))
    return {
      state: 'Failed',
      message: `There is no engine '${engine}'; there are ${names.join(', ')}.`,
    };
  if (engine === 'local')
    return engineIsOn
      ? undefined
      : {
          state: 'OutOfSync',
          actual: 'switched off',
          message:
            'The engine of this machine is off in production, so no run can begin here.',
        };
  const known = health[engine];
  if (!known || known.state === 'ok') return undefined;
  return {
    state: 'OutOfSync',
    actual: known.state === 'stale' ? 'not heard of lately' : 'not reachable',
    message: known.message,
  };
}
