import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../..',
);

/** Tools that the scripts fetch; git-ignored. */
export const portalFolder = path.join(root, '.portal');

/** All state of the portal; git-ignored. `MLOPS_DATA_DIRECTORY` names another place (tests use it). */
export const dataFolder = process.env.MLOPS_DATA_DIRECTORY
  ? path.resolve(process.env.MLOPS_DATA_DIRECTORY)
  : path.join(root, '.data');

export const yarnRelease = path.join(root, '.yarn/releases/yarn-4.18.1.cjs');
