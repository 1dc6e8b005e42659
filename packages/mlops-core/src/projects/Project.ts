import type { Problem } from '@backstage-mlops/argo-engine';
import type { ScheduleSummary } from '../pipelines/Pipeline';
import type { RunSummary } from '../runs/Run';
import type { MLProject } from './schemas';

/** A project in a list. @public */
export interface ProjectSummary {
  name: string;
  title: string;
  description?: string;
  /** Entity reference, as `group:default/farmers`. */
  owner: string;
  lifecycle: string;
  tags: string[];
  commit: string;
  state: 'ok' | 'faulty';
  problems: Problem[];
  /** Names of its pipelines. */
  pipelines: string[];
  models: {
    name: string;
    title?: string;
    /** Newest registered version; absent before the first. */
    version?: string;
    /** As the registry has them; declared ones stand in git. */
    aliases?: { alias: string; version: string; declared: boolean }[];
    /** The primary metric of the newest version. */
    metric?: { name: string; value: number; direction: 'higher' | 'lower' };
    /** The primary metric of the last 20 versions, oldest first. */
    history: { version: string; value: number }[];
  }[];
  datasets: string[];
  /** The worst state of all that git asks for; absent before the first look, and when it asks for nothing. */
  sync?: { state: 'Synced' | 'OutOfSync' | 'Failed'; message?: string };
  /** Commits that changed the project were taken away from the main branch in the last days; the newest time that it happened. */
  rewritten?: {
    branch: string;
    /** The newest commit that is not part of the branch any more; it is kept to be looked at. */
    lostCommit: string;
    /** Where the branch was found after. */
    commit: string;
    /** ISO 8601. */
    foundAt: string;
  };
  /** Present while the repository cannot be read: the project is as it was then. */
  outdated?: Outdated;
  lastRun?: Pick<
    RunSummary,
    | 'id'
    | 'pipeline'
    | 'phase'
    | 'message'
    | 'finishedAt'
    | 'startedAt'
    | 'createdAt'
    | 'trigger'
  >;
}

/** Since when the GitOps repository was not read, and why. @public */
export interface Outdated {
  /** ISO 8601 of the last look that went well. */
  since: string;
  /** The branch is not there; the repository is not, or does not answer. */
  reason: 'no-branch' | 'unreadable';
  branch: string;
}

/** Answer of `GET projects/{project}`. @public */
export interface ProjectDetail extends ProjectSummary {
  /** The parsed file; of the last good commit when the present one is faulty; absent when there never was one. */
  file?: MLProject;
  /** Path of the project's folder in the repository. */
  path: string;
  /** Set when the present commit is faulty and what is shown comes from an older one. */
  lastGoodCommit?: string;
  /** Text of its README.md (Markdown), at most 64 KiB. */
  readme?: string;
  schedules: ScheduleSummary[];
  /** What the caller may do. */
  allowed: { run: boolean; control: boolean; propose: boolean };
}
