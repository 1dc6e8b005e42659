import {
  resolveWorkflow,
  workflowOf,
  type ParsedWorkflow,
  type Problem,
} from '@backstage-mlops/argo-engine';
import {
  NotFoundError,
  type ProjectPipeline,
  type ProjectSchedule,
  type ReadProject,
  type RunTrigger,
} from '@backstage-mlops/mlops-core';

/** A pipeline of a project that was read. NotFoundError when there is none of that name. */
export function findPipeline(
  read: ReadProject,
  name: string,
): { read: ReadProject; pipeline: ProjectPipeline } {
  const pipeline = read.pipelines.find(item => item.name === name);
  if (pipeline) return { read, pipeline };
  // A schedule that holds its steps itself is a pipeline of its own.
  const schedule = read.schedules.find(item => item.name === name);
  if (schedule && pipelineOf(schedule) === name)
    return {
      read,
      pipeline: {
        ...schedule,
        document: schedule.document && workflowOf(schedule.document),
      },
    };
  throw new NotFoundError(
    `Project '${read.name}' has no pipeline '${name.slice(0, 100)}'.`,
    'not-found',
  );
}

/** Name of the pipeline that a schedule starts; its own when it holds the steps itself. */
export const pipelineOf = ({ name, document }: ProjectSchedule): string =>
  document?.manifest.spec?.workflowSpec?.workflowTemplateRef?.name ?? name;

/** What a run executes. */
export interface Runnable {
  /** Name of the pipeline that the run counts to. */
  pipeline: string;
  file: string;
  document?: ParsedWorkflow;
  problems: Problem[];
}

/** What a person's or a schedule's wish for a run leads to. NotFoundError when there is nothing of that name. */
export function documentOf(
  read: ReadProject,
  name: string,
  trigger: RunTrigger['kind'],
): Runnable {
  if (trigger !== 'schedule') {
    const { pipeline } = findPipeline(read, name);
    return { ...pipeline, pipeline: name };
  }
  const schedule = read.schedules.find(item => item.name === name);
  if (!schedule)
    throw new NotFoundError(
      `Project '${read.name}' has no schedule '${name.slice(0, 100)}'.`,
      'not-found',
    );
  const pipeline = pipelineOf(schedule);
  const { document, file, problems } = schedule;
  const called = read.pipelines.find(item => item.name === pipeline);
  if (!document || problems.some(problem => problem.severity === 'error'))
    return { pipeline, file, document, problems };
  const inner = workflowOf(document);
  const { metadata, spec } = inner.manifest;
  const merged = resolveWorkflow({ metadata, spec }, read.templates);
  return {
    pipeline,
    file: called?.file ?? file,
    problems: [...problems, ...(called?.problems ?? [])],
    document: {
      ...inner,
      manifest: { ...inner.manifest, spec: merged.spec },
    },
  };
}
