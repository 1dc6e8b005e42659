import { createPermissionResourceRef } from '@backstage/plugin-permission-node';
import {
  CHANGE_RESOURCE_TYPE,
  PROJECT_RESOURCE_TYPE,
  type ChangeResource,
  type ProjectResource,
} from '@backstage-mlops/mlops-core';

/** A field of a resource and the values that it may have; what a rule turns into for a search. @public */
export interface ResourceQuery {
  field: string;
  values: string[];
}

/** Projects, with their runs, models and records. @public */
export const projectResourceRef = createPermissionResourceRef<
  ProjectResource,
  ResourceQuery
>().with({ pluginId: 'mlops', resourceType: PROJECT_RESOURCE_TYPE });

/** Proposed changes. @public */
export const changeResourceRef = createPermissionResourceRef<
  ChangeResource,
  ResourceQuery
>().with({ pluginId: 'mlops', resourceType: CHANGE_RESOURCE_TYPE });
