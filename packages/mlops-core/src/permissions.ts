/**
 * Rights of the portal as plain data: the backend registers them, pages ask for them. Structurally a Backstage
 * `BasicPermission`.
 *
 * @public
 */
export const mlopsPermissions = {
  projectRead: {
    type: 'basic',
    name: 'mlops.project.read',
    attributes: { action: 'read' },
  },
  runRead: {
    type: 'basic',
    name: 'mlops.run.read',
    attributes: { action: 'read' },
  },
  runCreate: {
    type: 'basic',
    name: 'mlops.run.create',
    attributes: { action: 'create' },
  },
  runControl: {
    type: 'basic',
    name: 'mlops.run.control',
    attributes: { action: 'update' },
  },
  modelRead: {
    type: 'basic',
    name: 'mlops.model.read',
    attributes: { action: 'read' },
  },
  trackingRead: {
    type: 'basic',
    name: 'mlops.tracking.read',
    attributes: { action: 'read' },
  },
  trackingWrite: {
    type: 'basic',
    name: 'mlops.tracking.write',
    attributes: { action: 'update' },
  },
  changePropose: {
    type: 'basic',
    name: 'mlops.change.propose',
    attributes: { action: 'create' },
  },
  changeReview: {
    type: 'basic',
    name: 'mlops.change.review',
    attributes: { action: 'update' },
  },
  changeMerge: {
    type: 'basic',
    name: 'mlops.change.merge',
    attributes: { action: 'update' },
  },
  modelPromote: {
    type: 'basic',
    name: 'mlops.model.promote',
    attributes: { action: 'update' },
  },
} as const;
