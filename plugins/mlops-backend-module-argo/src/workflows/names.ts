/*
 * Names of objects. `<project>.<file>` says both without doubt, since no project has a dot in its name; what is too long ends
 * in a digest. Labels hold at most 63 signs, so names do too; a CronWorkflow's may have 52, since its runs get a time behind.
 */
import { digestOf } from './digestOf';

/** Name of the Secret of a run. */
export const secretName = (run: string) => `mlops-${run}`;

/** Name of a file of templates as git has it now. */
export const templateName = (project: string, name: string) =>
  shortened(`${project}.${name}`, 63);

/** Name of a schedule. */
export const cronName = (project: string, name: string) =>
  shortened(`${project}.${name}`, 52);

/** Name of a file of templates that belongs to no project. */
export const sharedName = (name: string, clusterScope: boolean) =>
  shortened(`${clusterScope ? 'shared.cluster' : 'shared'}.${name}`, 63);

/** Name of a file of templates as one commit had it. */
export const pinnedName = (project: string, name: string, digest: string) =>
  `${cut(`${project}.${name}`, 52)}-${digest.slice(0, 10)}`;

const shortened = (name: string, most: number) =>
  name.length <= most
    ? name
    : `${cut(name, most - 9)}-${digestOf(name).slice(0, 8)}`;

// A name may end in no dot or dash.
const cut = (name: string, length: number) =>
  name.slice(0, length).replace(/[^a-z0-9]+$/, '');
