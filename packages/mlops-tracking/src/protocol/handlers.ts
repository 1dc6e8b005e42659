/* The routes of MLflow's REST API as plain functions: fields in, JSON out. Source of shapes and words: facts of MLflow 3.6. */
import type { Handler } from './ask';
import { experimentHandlers } from './experimentHandlers';
import { modelHandlers } from './modelHandlers';
import { runHandlers } from './runHandlers';

/** All routes below `/api/2.0/mlflow/`, by method and path. */
export const handlers: Record<string, Handler> = {
  ...experimentHandlers,
  ...runHandlers,
  ...modelHandlers,
};
