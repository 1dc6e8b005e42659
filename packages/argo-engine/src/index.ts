/**
 * The Argo Workflows language as pure TypeScript: parse, lint, draw, operate.
 *
 * @packageDocumentation
 */
export * from './types';
export { formatFieldPath, type FieldPath } from './yaml/fieldPath';
export { isEverydayYaml } from './yaml/everyday/readEverydayYaml';
export { readYaml, type YamlDocument, type YamlLimits } from './yaml/readYaml';
export { setInYaml, type YamlEdit } from './yaml/setInYaml';
export { YamlEditError } from './yaml/edit/YamlEditError';
export {
  parseWorkflows,
  type ParsedWorkflow,
  type WorkflowKind,
} from './documents/parseWorkflows';
export { newWorkflow, type NewWorkflowOptions } from './documents/newWorkflow';
export {
  collectFiles,
  lookupOf,
  type ConfigLookup,
  type StoredFiles,
} from './documents/storedFiles';
export { listParameters } from './graph/listParameters';
export { drawPipeline, toGraph, type GraphPart } from './graph/toGraph';
export { lintWorkflow, workflowOf } from './lint/lintWorkflow';
export { lastTime, nextTimes, type CronTimes } from './schedules/cronTimes';
export {
  scheduleMayRun,
  scheduleStops,
  type CronFacts,
} from './schedules/conditions';
export { submitProblems, type ArgumentProblem } from './lint/submitProblems';
export { closest } from './lint/closest';
export { nodeId, podName } from './operate/names';
export { TooManyNodesError } from './operate/Tree';
export { initialState, isTerminal, operate } from './operate/operate';
export {
  resolveWorkflow,
  type TemplateLookup,
} from './documents/resolveWorkflow';
export { resumeNode, type ResumeOptions } from './person/resumeNode';
export {
  planRetry,
  type RetryOptions,
  type RetryPlan,
} from './person/planRetry';
export { onlyTemplate, reuseNodes } from './person/reuse';
export { freshInputs } from './person/freshInputs';
export { compatibilityTable } from './lint/compatibility';
export {
  completionsAt,
  type Completion,
  type Completions,
} from './editor/completionsAt';
export { lintText, toMarks, type LintMark } from './editor/lintText';
