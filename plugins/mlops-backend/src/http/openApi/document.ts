/* The description of the HTTP interface, served at `openapi.json`. Tests hold it against real answers. */
import { changePaths, changeSchemas } from './changes';
import { modelPaths, modelSchemas } from './models';
import { projectPaths, projectSchemas } from './projects';
import { promotionPaths, promotionSchemas } from './promotions';
import { runPaths, runSchemas } from './runs';
import {
  choice,
  closed,
  errors,
  get,
  json,
  list,
  map,
  number,
  object,
  text,
  type Schema,
} from './words';

const schemas: Record<string, Schema> = {
  Error: object(
    {
      error: object(
        { name: text, message: text, code: text },
        ['name', 'message', 'code'],
        closed,
      ),
      response: object({ statusCode: number }, ['statusCode'], closed),
    },
    ['error', 'response'],
    closed,
  ),
  Problem: object(
    {
      file: text,
      line: number,
      column: number,
      path: text,
      code: text,
      message: text,
      severity: choice('error', 'warning', 'notice'),
    },
    ['file', 'line', 'column', 'code', 'message', 'severity'],
    closed,
  ),
  Health: object(
    {
      status: choice('ok', 'failed'),
      parts: map(text),
      notices: list(text),
      engines: { type: 'object' },
      activeRuns: number,
    },
    ['status', 'parts'],
    closed,
  ),
  Catalog: object(
    { commit: text, branch: text, projects: list({ type: 'object' }) },
    ['commit', 'branch', 'projects'],
    closed,
  ),
};

/** OpenAPI 3.1 description of everything below `/api/mlops`. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'MLOps for Backstage',
    version: '0.1.0',
    description:
      'Projects, pipelines, runs, models and datasets. The MLflow REST protocol is served beside it at api/2.0/mlflow.',
  },
  servers: [{ url: '/api/mlops' }],
  paths: {
    ...projectPaths,
    ...runPaths,
    ...modelPaths,
    ...changePaths,
    ...promotionPaths,
    '/catalog': get('What the software catalog is told', 'Catalog'),
    '/openapi.json': {
      get: {
        summary: 'This document',
        responses: { '200': { description: 'OpenAPI 3.1' }, ...errors },
      },
    },
    '/health': {
      get: {
        summary: 'Whether the parts of the plugin work; open to all',
        responses: {
          '200': json('Health', 'State by part.'),
          '400': errors['400'],
        },
      },
    },
  },
  components: {
    schemas: {
      ...schemas,
      ...projectSchemas,
      ...runSchemas,
      ...modelSchemas,
      ...changeSchemas,
      ...promotionSchemas,
    },
  },
};
