import type {
  ChangeResource,
  ProjectResource,
} from '@backstage-mlops/mlops-core';
import type { JsonObject } from '@backstage/types';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { RunStore } from '../runs/RunStore';

/** What a call is about, as rules see it. */
export interface Scope {
  /** Absent when the call names no project, or one that is not there. */
  project?: ProjectResource;
  change?: ScopedChange;
  /** The call names a thing that is not there. */
  isMissing?: boolean;
}

/** How a change stands, for the audit log. */
export interface ChangeStanding extends JsonObject {
  state: string;
  head: string;
  title: string;
  draft: boolean;
  reviewers: string[];
  /** The newest verdict of each person. */
  verdicts: Record<string, string>;
}

/** A change without what the index knows of its project. */
export type FoundChange = Omit<ChangeResource, 'project'> & {
  project: string;
  standing?: ChangeStanding;
};

/** A change as rules see it, and how it stands. */
export type ScopedChange = ChangeResource & { standing?: ChangeStanding };

/** What the call names: at most one of them, or nothing for a list. */
export interface ScopeNames {
  project?: string;
  run?: string;
  change?: string;
}

/** Finds projects, and the projects of runs and changes, for rules. The main branch says who owns what. */
export class ResourceFinder {
  constructor(
    private readonly options: {
      index: Pick<GitopsIndex, 'find' | 'list'>;
      runs: Pick<RunStore, 'findProject'>;
      findChange?(id: string): Promise<FoundChange | undefined>;
    },
  ) {}

  project(name: string): ProjectResource | undefined {
    const found = this.options.index.find(name);
    if (!found) return undefined;
    const file = found.read.project ?? found.lastGood?.read.project;
    return {
      name,
      owner: file?.spec.owner,
      lifecycle: file?.spec.lifecycle,
    };
  }

  /** All projects that there are. */
  projects(): ProjectResource[] {
    return this.options.index
      .list()
      .flatMap(({ read }) => this.project(read.name) ?? []);
  }

  async change(id: string): Promise<ScopedChange | undefined> {
    const found = await this.options.findChange?.(id);
    return found && this.ofChange(found);
  }

  /** How a change stands; undefined when there is none. */
  async standingOf(
    id: string | undefined,
  ): Promise<ChangeStanding | undefined> {
    const found = id === undefined ? undefined : await this.change(id);
    return found?.standing;
  }

  /** A project that a change only proposes belongs to nobody yet. */
  ofChange(change: FoundChange): ScopedChange {
    return {
      ...change,
      project: this.project(change.project) ?? { name: change.project },
    };
  }

  /** What a call is about. */
  async scopeOf(names: ScopeNames): Promise<Scope> {
    if (names.change !== undefined) {
      const change = await this.change(names.change);
      return change ? { change, project: change.project } : { isMissing: true };
    }
    const name =
      names.run === undefined
        ? names.project
        : await this.options.runs.findProject(names.run);
    if (name === undefined)
      return names.run === undefined ? {} : { isMissing: true };
    const project = this.project(name);
    return project ? { project } : { isMissing: true };
  }
}
