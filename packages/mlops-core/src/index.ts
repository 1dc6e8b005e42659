/**
 * Machine learning in plain TypeScript: nouns, decisions, ports, and the files of a project.
 *
 * @packageDocumentation
 */
export * from './errors';
export * from './permissions';
export * from './artifacts/ArtifactStore';
export * from './changes/applyEdits';
export * from './changes/branchSlug';
export * from './changes/Change';
export * from './changes/checkChangePath';
export * from './changes/effectOf';
export * from './changes/effectOfFiles';
export * from './changes/findSecrets';
export * from './changes/lineDiff';
export type { PipelineFacts } from './changes/pipelineEffect';
export * from './changes/PullRequestHost';
export * from './datasets/Dataset';
export * from './models/evaluateGates';
export { maxGateCharacters, type GateFault } from './models/gateText';
export {
  aliasesOf,
  aliasMoves,
  gatesForMove,
  gatesOf,
  waiversOf,
  type AliasMove,
  type DeclaredAlias,
  type Gate,
  type Waiver,
} from './models/modelPolicy';
export * from './models/ModelVersion';
export * from './pipelines/Pipeline';
export * from './pipelines/parameterEdits';
export * from './pipelines/toPipelineParameters';
export * from './projects/CatalogFacts';
export * from './projects/PortalPages';
export * from './projects/ProjectDocs';
export * from './projects/maturityOf';
export * from './projects/Project';
export * from './projects/ProjectFiles';
export {
  datasetSchema,
  jsonSchemas,
  mlModelSchema,
  MLOPS_API_VERSION,
  mlProjectSchema,
  type Dataset,
  type MLModel,
  type MLProject,
} from './projects/schemas';
export * from './projects/packProject';
export { parseFile } from './projects/parseFile';
export {
  isProjectFile,
  projectFolders,
  maxFileBytes,
  readProject,
  type ProjectFile,
  type ProjectPipeline,
  type ProjectSchedule,
  type ReadProject,
} from './projects/readProject';
export {
  isSharedFile,
  noSharedFiles,
  readShared,
  readSharedData,
  toSharedFiles,
  type SharedData,
  type SharedFiles,
} from './projects/readShared';
export * from './runs/errorLine';
export * from './runs/findCause';
export * from './runs/Run';
export * from './runs/WorkflowEngine';
export * from './sync/decideSync';
