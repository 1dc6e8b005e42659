/*
 * Rights of the portal as plain data: the backend registers and enforces them, pages ask for them. Structurally they are Backstage's
 * `BasicPermission` and `ResourcePermission`.
 */

/** Resource type of what belongs to one project: the project itself, its runs, models and records. @public */
export const PROJECT_RESOURCE_TYPE = 'mlops-project';

/** Resource type of proposed changes. @public */
export const CHANGE_RESOURCE_TYPE = 'mlops-change';

/** What rules know of a project. @public */
export interface ProjectResource {
  name: string;
  /** Entity reference; absent where no file of the main branch says it, so nobody owns it. */
  owner?: string;
  lifecycle?: string;
}

/** What rules know of a proposed change. @public */
export interface ChangeResource {
  id: string;
  /** Kind of change, as `promotion`. */
  kind: string;
  project: ProjectResource;
  /** Who opened it, and who else wrote commits of it: entity references. */
  authors: string[];
  /** Who was asked to look at it: entity references. */
  reviewers: string[];
}

const ofProject = <Name extends string, Action extends string>(
  name: Name,
  action: Action,
) =>
  ({
    type: 'resource',
    name,
    attributes: { action },
    resourceType: PROJECT_RESOURCE_TYPE,
  } as const);

const ofChange = <Name extends string, Action extends string>(
  name: Name,
  action: Action,
) =>
  ({
    type: 'resource',
    name,
    attributes: { action },
    resourceType: CHANGE_RESOURCE_TYPE,
  } as const);

/** All rights. What a person may not read is not there for them (404); what they read but may not do is refused (403). @public */
export const mlopsPermissions = {
  /** See a project and what its files say. */
  projectRead: ofProject('mlops.project.read', 'read'),
  /** Propose a project that is not there yet. */
  projectCreate: {
    type: 'basic',
    name: 'mlops.project.create',
    attributes: { action: 'create' },
  },
  runRead: ofProject('mlops.run.read', 'read'),
  runCreate: ofProject('mlops.run.create', 'create'),
  /** Stop, suspend, resume, retry. */
  runControl: ofProject('mlops.run.control', 'update'),
  modelRead: ofProject('mlops.model.read', 'read'),
  /** Propose that an alias goes to another version. */
  modelPromote: ofProject('mlops.model.promote', 'update'),
  /** Read by the MLflow protocol. */
  trackingRead: ofProject('mlops.tracking.read', 'read'),
  /** Write by the MLflow protocol. */
  trackingWrite: ofProject('mlops.tracking.write', 'update'),
  changeRead: ofChange('mlops.change.read', 'read'),
  changePropose: ofProject('mlops.change.propose', 'create'),
  /** Change, rebase or close a request. */
  changeUpdate: ofChange('mlops.change.update', 'update'),
  changeReview: ofChange('mlops.change.review', 'update'),
  changeMerge: ofChange('mlops.change.merge', 'update'),
} as const;

/** Keys of `mlopsPermissions`. @public */
export type MlopsPermissionName = keyof typeof mlopsPermissions;
