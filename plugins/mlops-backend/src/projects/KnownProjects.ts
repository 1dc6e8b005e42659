/* Projects that the portal knows, and what is shown of each. */
import { NotFoundError, type ReadProject } from '@backstage-mlops/mlops-core';
import {
  isFaulty,
  type GitopsIndex,
  type IndexedProject,
} from '../gitops/GitopsIndex';

export class KnownProjects {
  constructor(private readonly index: GitopsIndex) {}

  /** NotFoundError when there is no such project. */
  get(name: string): IndexedProject {
    const found = this.index.find(name);
    if (!found)
      throw new NotFoundError(
        `There is no project '${name.slice(0, 100)}'.`,
        'not-found',
      );
    return found;
  }

  /** Name of a project that exists. */
  nameOf(name: string): string {
    this.get(name);
    return name;
  }

  /** Those of these names; all when none are named. */
  visible(names?: string[]): IndexedProject[] {
    const all = this.index.list();
    if (!names) return all;
    const wanted = new Set(names);
    return all.filter(item => wanted.has(item.read.name));
  }

  /** What is shown of a project: the present state, or the last good one when the present has no project file. */
  shown({ read, lastGood }: IndexedProject): ReadProject {
    return isFaulty(read) && lastGood ? lastGood.read : read;
  }
}
