/* What a person sees before a version takes an alias, and the request that proposes it. Nothing is promoted here: people merge. */
import { setInYaml } from '@backstage-mlops/argo-engine';
import {
  aliasesOf,
  ConflictError,
  InputError,
  mlModelSchema,
  NotFoundError,
  parseFile,
  type AliasPage,
  type Change,
  type ChangeKind,
  type ChangeRequest,
  type FileEdit,
  type MLModel,
  type ModelVersionDetail,
  type PromotionPreview,
  type PromotionRequest,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { GitHistory } from '../gitops/GitHistory';
import type { GitopsIndex, IndexedProject } from '../gitops/GitopsIndex';
import type { ModelReader } from '../projects/ModelReader';
import { aliasesAt, type AliasHistory } from './AliasHistory';
import { disagreementsOf, predictionsOf, sideOf } from './evidence';
import type { GateKeeper, MoveVerdict } from './GateKeeper';
import { unifiedDiff } from './unifiedDiff';

/** How a request is opened, whoever keeps it. */
export interface OpenChange {
  kind: ChangeKind;
  promotion?: PromotionRequest;
}

export interface PromotionServiceOptions<Caller> {
  index: GitopsIndex;
  history: GitHistory;
  aliases: AliasHistory;
  gates: GateKeeper;
  models: ModelReader;
  tracking: TrackingService;
  /** Who has to agree to a change of files: entity references. */
  ownersOf(commit: string, paths: string[]): Promise<string[]>;
  open(
    request: ChangeRequest,
    options: OpenChange & { by: Caller },
  ): Promise<Change>;
}

/** What is known before anything is judged. */
interface Place {
  project: IndexedProject;
  model: string;
  file: string;
  value: MLModel;
  text: string;
}

const predictionsLimitBytes = 16 * 1024 * 1024;

export class PromotionService<Caller> {
  constructor(private readonly options: PromotionServiceOptions<Caller>) {}

  /** Everything that a person decides by. NotFoundError names what is not there. */
  async preview(
    project: string,
    model: string,
    wish: { alias: string; version: string },
  ): Promise<PromotionPreview> {
    const place = await this.place(project, model);
    const { candidate, verdict, after } = await this.judge(place, wish);
    const champion = verdict.champion;
    const { index } = this.options;
    const { file } = place;
    return {
      project,
      model,
      alias: wish.alias,
      file,
      rollback: verdict.rollback,
      ...(champion && { champion: sideOf(champion) }),
      candidate: sideOf(candidate),
      gates: verdict.results,
      passes: verdict.passes,
      ...(await this.codeDiff(place, champion, candidate)),
      ...(await this.disagreements(project, model, champion, candidate)),
      diff:
        after === place.text
          ? []
          : [
              {
                path: file,
                status: 'modified',
                diff: unifiedDiff(file, place.text, after),
              },
            ],
      requiredReviewers: await this.options.ownersOf(index.commit ?? '', [
        file,
      ]),
      fourEyes: place.project.read.project?.spec.policy?.fourEyes ?? false,
    };
  }

  /** Opens the request. ConflictError when the alias is that version already. */
  async propose(
    project: string,
    model: string,
    wish: PromotionRequest,
    by: Caller,
  ): Promise<Change> {
    await this.options.index.refresh();
    const place = await this.place(project, model);
    const { verdict, edit, after } = await this.judge(place, wish);
    if (after === place.text)
      throw new ConflictError(
        `Alias '${wish.alias}' of ${model} is version ${wish.version} already.`,
        'conflict',
      );
    const { rollback, move } = verdict;
    const taken = rollback && move.before;
    const undone =
      taken &&
      (await this.history(project, place.file)).find(
        ({ alias, version }) =>
          alias === wish.alias && version === taken.version,
      );
    return this.options.open(
      {
        project,
        title: rollback
          ? `Revert: ${wish.alias} of ${model} goes back to version ${wish.version}`
          : `Promote version ${wish.version} of ${model} to ${wish.alias}`,
        message: [
          wish.reason,
          ...(undone ? [`This reverts commit ${undone.commit}.`] : []),
        ].join('\n\n'),
        edits: [edit],
        base: place.project.commit,
        ...(wish.reviewers && { reviewers: wish.reviewers }),
      },
      { by, kind: rollback ? 'revert' : 'promotion', promotion: wish },
    );
  }

  /** Aliases at a moment, and how they came to be so. */
  async aliasPage(
    project: string,
    model: string,
    at: Date,
  ): Promise<AliasPage> {
    const { read } = this.projectOf(project);
    const found = read.models.find(({ name }) => name === model);
    if (!found) throw noModel(project, model);
    const history = await this.history(project, found.file);
    return {
      at: at.toISOString(),
      items: aliasesAt(history, at.toISOString()),
      history,
    };
  }

  private history(project: string, file: string) {
    return this.options.aliases.read(this.projectOf(project).commit, file);
  }

  private projectOf(name: string): IndexedProject {
    const found = this.options.index.find(name);
    if (!found)
      throw new NotFoundError(
        `There is no project '${name.slice(0, 100)}'.`,
        'not-found',
      );
    return found;
  }

  private async place(project: string, model: string): Promise<Place> {
    const found = this.projectOf(project);
    const entry = found.read.models.find(({ name }) => name === model);
    if (!entry) throw noModel(project, model);
    if (!entry.value) {
      const fault = found.read.problems.find(({ file }) => file === entry.file);
      throw new ConflictError(
        `${entry.file} has a fault; mend it first${
          fault ? ` (line ${fault.line}: ${fault.message})` : ''
        }.`,
        'invalid-file',
      );
    }
    return {
      project: found,
      model,
      file: entry.file,
      value: entry.value,
      text: await this.options.index.readText(entry.file, found.commit),
    };
  }

  private async judge(
    place: Place,
    wish: { alias: string; version: string },
  ): Promise<{
    candidate: ModelVersionDetail;
    verdict: MoveVerdict;
    edit: FileEdit;
    after: string;
  }> {
    const { project, model, file, value } = place;
    const name = project.read.name;
    const candidate = await this.options.models
      .version(name, model, wish.version)
      .catch(error => {
        if (!(error instanceof NotFoundError)) throw error;
        throw new NotFoundError(
          `Model '${model}' of project '${name}' has no version '${wish.version.slice(
            0,
            40,
          )}'.`,
          'not-found',
        );
      });
    const set = editsOf(value, wish.alias, candidate);
    const after = setInYaml(place.text, set);
    const parsed = parseFile(after, file, mlModelSchema, model);
    if (!parsed.value)
      throw new InputError(
        `alias: ${parsed.problems[0]?.message ?? 'it cannot be written.'}`,
        'invalid-field',
      );
    const of = (source: MLModel) =>
      aliasesOf(source).find(({ alias }) => alias === wish.alias);
    const verdict = await this.options.gates.judge({
      project: name,
      model,
      file,
      move: {
        alias: wish.alias,
        before: of(value),
        after: of(parsed.value),
      },
      main: value,
      head: parsed.value,
    });
    return { candidate, verdict, after, edit: { path: file, set } };
  }

  private async codeDiff(
    { project }: Place,
    champion: ModelVersionDetail | undefined,
    candidate: ModelVersionDetail,
  ): Promise<Pick<PromotionPreview, 'codeDiff'>> {
    const [from, to] = [champion?.commit, candidate.commit];
    if (!from || !to || from === to) return {};
    const { history } = this.options;
    const folder = project.read.path;
    try {
      return {
        codeDiff: {
          from,
          to,
          commits: await history.countBetween(from, to, folder),
          ...(await history.diff(from, to, folder)),
        },
      };
    } catch {
      // A commit that the repository lost says nothing of the two versions.
      return {};
    }
  }

  private async disagreements(
    project: string,
    model: string,
    champion: ModelVersionDetail | undefined,
    candidate: ModelVersionDetail,
  ): Promise<Pick<PromotionPreview, 'disagreements' | 'disagreement'>> {
    if (!champion || champion.version === candidate.version)
      return { disagreements: [] };
    const [before, now] = await Promise.all(
      [champion, candidate].map(({ version, files }) =>
        files.some(
          ({ path, sizeBytes }) =>
            path === 'predictions.json' && sizeBytes < predictionsLimitBytes,
        )
          ? this.readPredictions(`${project}.${model}`, version)
          : undefined,
      ),
    );
    return before && now
      ? disagreementsOf(
          { version: champion.version, answers: before },
          { version: candidate.version, answers: now },
        )
      : { disagreements: [] };
  }

  private async readPredictions(registered: string, version: string) {
    const parts: Uint8Array[] = [];
    const { body } = await this.options.tracking.openVersionFile(
      registered,
      version,
      'predictions.json',
    );
    for await (const part of body) parts.push(part);
    try {
      return predictionsOf(JSON.parse(Buffer.concat(parts).toString('utf8')));
    } catch {
      return undefined;
    }
  }
}

const noModel = (project: string, model: string) =>
  new NotFoundError(
    `Project '${project}' has no model '${model.slice(
      0,
      100,
    )}' in git; aliases are declared in its file.`,
    'not-found',
  );

/** What changes in the file: the two values of an alias that is there, or a new one. */
function editsOf(
  value: MLModel,
  alias: string,
  { version, digest }: ModelVersionDetail,
): { at: (string | number)[]; value: unknown }[] {
  const wanted = { version: Number(version), digest };
  const aliases = value.spec.aliases;
  if (!aliases)
    return [{ at: ['spec', 'aliases'], value: { [alias]: wanted } }];
  if (!Object.hasOwn(aliases, alias))
    return [{ at: ['spec', 'aliases', alias], value: wanted }];
  return [
    { at: ['spec', 'aliases', alias, 'version'], value: wanted.version },
    { at: ['spec', 'aliases', alias, 'digest'], value: wanted.digest },
  ];
}
