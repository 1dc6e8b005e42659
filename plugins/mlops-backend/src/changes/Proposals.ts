/*
 * What somebody proposes, read and checked before anything is written: names, words, edits turned into whole files, the reach of a
 * pushed branch, the pipeline of a trial run.
 */
import {
  InputError,
  NotFoundError,
  type ChangeRequest,
  type FileContent,
  type FileEdit,
} from '@backstage-mlops/mlops-core';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import { checkBranch, checkLine, checkText } from './checkNames';
import type { OpenChangeOptions } from './ChangeService';
import { allowedPaths, filesAfter } from './editFiles';
import type { GitComparison } from './GitComparison';
import { checkBeyond } from './scopeRule';

export class Proposals {
  constructor(
    private readonly options: {
      index: GitopsIndex;
      repository: GitRepository;
      comparison: GitComparison;
      /** Folder in the repository that holds `ml-projects`. */
      root: string;
    },
  ) {}

  /** The files that a request would bring, and the commit that they are made from. Faults are those of {@link read}. */
  async prepare(
    request: ChangeRequest,
    options: Pick<OpenChangeOptions, 'alsoAllowed'> = {},
  ): Promise<{ files: FileContent[]; base: string }> {
    const wish = await this.read(request, options);
    if ('files' in wish) return { files: wish.files, base: wish.base };
    throw new InputError(
      'branch has no effect of its own here: give edits, or open the request of the branch.',
      'invalid-field',
    );
  }

  /** What the host is asked to open. */
  async read(
    request: ChangeRequest,
    options: Pick<OpenChangeOptions, 'alsoAllowed'> = {},
  ) {
    const { repository, index, root } = this.options;
    const { project } = request;
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(project))
      throw new InputError(
        `project must be the name of a project, not '${project.slice(
          0,
          100,
        )}'.`,
        'invalid-field',
      );
    const words = {
      title: checkLine(request.title, 'title', 250),
      message: checkText(request.message, 'message', 65_536),
      draft: request.draft ?? false,
      reviewers: request.reviewers ?? [],
    };
    if (request.branch !== undefined) {
      if (request.edits?.length)
        throw new InputError(
          'branch and edits cannot be given together.',
          'invalid-field',
        );
      await this.checkBranchScope(request.branch, project);
      if (request.trialRun)
        await this.checkTrial(request.trialRun, project, request.branch);
      return { ...words, branch: request.branch, isNew: false };
    }
    const isOwn = allowedPaths(root, project);
    const edits = request.edits ?? [];
    const base = await repository.resolve(request.base ?? index.branch, 'base');
    const isThere = await this.isThere(project, base);
    const isNew =
      !isThere &&
      Array.isArray(edits) &&
      edits.some(edit => isProjectFile(edit, project));
    if (!isThere && !isNew)
      throw new NotFoundError(`There is no project '${project}'.`, 'not-found');
    const files = await filesAfter(edits, {
      repository,
      commit: base,
      isAllowed: path => isOwn(path) || Boolean(options.alsoAllowed?.(path)),
    });
    if (request.trialRun && !isNew)
      await this.checkTrial(request.trialRun, project, base, edits);
    return { ...words, files, base, isNew };
  }

  // What is pushed later is held against the same by the rule of the merge.
  private async checkBranchScope(
    wanted: string,
    project: string,
  ): Promise<void> {
    const { comparison, repository, index, root } = this.options;
    const branch = checkBranch(wanted);
    const head = await repository.resolve(branch).catch(error => {
      // The host says that there is none, or knows more than the mirror does.
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    const main = await repository.resolve(index.branch);
    const base = head && (await comparison.mergeBase(main, head));
    if (base === undefined || head === undefined) return;
    checkBeyond(await comparison.paths(base, head), { root, project, branch });
  }

  private async isThere(project: string, commit: string): Promise<boolean> {
    return this.options.index.readAt(project, commit).then(
      () => true,
      error => {
        if (error instanceof NotFoundError) return false;
        throw error;
      },
    );
  }

  /** InputError when the pipeline is not there; one that the edits bring is looked for by the check. */
  async checkTrial(
    trial: NonNullable<ChangeRequest['trialRun']>,
    project: string,
    ref: string,
    edits: FileEdit[] = [],
  ): Promise<void> {
    const { index, repository } = this.options;
    const commit = await repository.resolve(ref);
    const { pipelines } = await index.readAt(project, commit);
    const names = pipelines.map(pipeline => pipeline.name);
    const isBrought = edits.some(edit =>
      new RegExp(
        `/pipelines/${trial.pipeline.replace(/\W/g, '\\$&')}\\.ya?ml$`,
      ).test(edit.path),
    );
    if (!names.includes(trial.pipeline) && !isBrought)
      throw new InputError(
        `trialRun.pipeline must be a pipeline of the project (${
          names.join(', ') || 'it has none'
        }), not '${trial.pipeline.slice(0, 100)}'.`,
        'invalid-field',
      );
  }
}

const isProjectFile = (edit: FileEdit, project: string) =>
  typeof edit?.path === 'string' &&
  'content' in edit &&
  edit.path.endsWith(`ml-projects/${project}/mlproject.yaml`);
