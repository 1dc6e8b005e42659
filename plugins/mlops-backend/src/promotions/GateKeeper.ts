/*
 * Holds every move of an alias against the gates: for the dialog, for the check of a request and once more at its merge. Whoever
 * wrote the request, in the portal or by `git push`, what counts is how the model files differ.
 */
import {
  aliasesOf,
  aliasMoves,
  evaluateGates,
  gatesForMove,
  gatesPass,
  NotFoundError,
  waiversOf,
  type AliasMove,
  type AliasState,
  type GateResult,
  type MLModel,
  type ModelVersionDetail,
  type ReadProject,
} from '@backstage-mlops/mlops-core';
import { evidenceOf } from './evidence';

/** What the gates say of one move of an alias. */
export interface MoveVerdict {
  model: string;
  move: AliasMove;
  /** The version that the alias goes to; absent when there is none or the registry does not have it. */
  candidate?: ModelVersionDetail;
  /** The version that gates call champion. */
  champion?: ModelVersionDetail;
  rollback: boolean;
  results: GateResult[];
  passes: boolean;
  /** One sentence for all of it. */
  message: string;
}

export interface GateKeeperOptions {
  version(
    project: string,
    model: string,
    version: string,
  ): Promise<ModelVersionDetail>;
  /** Changes of the aliases of a model on the main branch, newest first. */
  history(project: string, file: string): Promise<AliasState[]>;
  now?(): Date;
}

export class GateKeeper {
  constructor(private readonly options: GateKeeperOptions) {}

  /** Judges all moves of a request: from where it parted to its head, against what the main branch has now. */
  async judgeRequest(options: {
    project: string;
    /** The project at the merge base, at the head, and on the main branch; absent where it is not there. */
    base?: ReadProject;
    head?: ReadProject;
    main?: ReadProject;
  }): Promise<MoveVerdict[]> {
    const { project, base, head, main } = options;
    const names = new Set(
      [base, head]
        .flatMap(read => read?.models ?? [])
        .map(({ name }) => name)
        .filter(
          name => !head?.models.some(item => item.name === name && !item.value),
        ),
    );
    const verdicts = unreadable(head);
    for (const model of names)
      for (const move of aliasMoves(find(base, model), find(head, model)))
        verdicts.push(
          await this.judge({
            project,
            model,
            file:
              [head, main, base]
                .flatMap(read => read?.models ?? [])
                .find(({ name }) => name === model)?.file ?? '',
            move: {
              ...move,
              before: aliasesOf(find(main, model)).find(
                ({ alias }) => alias === move.alias,
              ),
            },
            main: find(main, model),
            head: find(head, model),
          }),
        );
    return verdicts;
  }

  /** Judges one move. */
  async judge(options: {
    project: string;
    model: string;
    file: string;
    move: AliasMove;
    /** The file as the main branch has it. */
    main: MLModel | undefined;
    /** The file as it would be. */
    head: MLModel | undefined;
  }): Promise<MoveVerdict> {
    const { project, model, move, main, head } = options;
    const it = { model, move, rollback: false, results: [] };
    if (!move.after)
      return {
        ...it,
        passes: true,
        message: `Alias '${move.alias}' of ${model} is taken away; no gate speaks of that.`,
      };
    const { version, digest } = move.after;
    const candidate = await this.find(project, model, version);
    if (!candidate)
      return {
        ...it,
        passes: false,
        message: `Version ${version} of ${model} is not in the registry.`,
      };
    if (candidate.digest !== digest)
      return {
        ...it,
        candidate,
        passes: false,
        message: `Version ${version} of ${model} has the digest ${candidate.digest}, not ${digest}.`,
      };
    const declared = aliasesOf(main);
    const present =
      declared.find(({ alias }) => alias === 'champion') ??
      declared.find(({ alias }) => alias === move.alias);
    const champion =
      present && (await this.find(project, model, present.version));
    const rollback = await this.isRollback(project, options.file, move);
    const results = evaluateGates({
      gates: gatesForMove(main, head),
      waivers: waiversOf(head),
      candidate: evidenceOf(candidate),
      ...(champion && { champion: evidenceOf(champion) }),
      rollback,
      now: (this.options.now?.() ?? new Date()).toISOString(),
    });
    const passes = gatesPass(results);
    return {
      ...it,
      candidate,
      champion,
      rollback,
      results,
      passes,
      message: sentenceOf(model, version, results),
    };
  }

  // Back to a version with a lower number that the alias had on the main branch before.
  private async isRollback(project: string, file: string, move: AliasMove) {
    const { before, after } = move;
    if (!before || !after || Number(after.version) >= Number(before.version))
      return false;
    return (await this.options.history(project, file)).some(
      state =>
        state.alias === move.alias &&
        state.version === after.version &&
        state.digest === after.digest,
    );
  }

  private async find(project: string, model: string, version: string) {
    return this.options
      .version(project, model, version)
      .catch(error => nothingOr(error));
  }
}

function nothingOr(error: unknown): undefined {
  if (error instanceof NotFoundError) return undefined;
  throw error;
}

const find = (read: ReadProject | undefined, model: string) =>
  read?.models.find(({ name }) => name === model)?.value;

// What a file asks for that cannot be read is not known, so nothing of it passes.
function unreadable(head: ReadProject | undefined): MoveVerdict[] {
  return (head?.models ?? [])
    .filter(({ value }) => !value)
    .map(({ name, file }) => ({
      model: name,
      move: { alias: '' },
      rollback: false,
      results: [],
      passes: false,
      message: `${file} cannot be read, so its gates cannot be judged.`,
    }));
}

function sentenceOf(
  model: string,
  version: string,
  results: GateResult[],
): string {
  if (results.length === 0) return `${model} has no gates.`;
  const open = results.filter(
    ({ state }) => state === 'failed' || state === 'error',
  );
  if (open.length > 0)
    return open
      .map(({ name, message, gate }) =>
        name === gate.trim() ? message : `${name}: ${message}`,
      )
      .join(' ');
  const waived = results.filter(({ state }) => state === 'waived');
  const all = `Version ${version} of ${model} passes ${results.length} gate${
    results.length === 1 ? '' : 's'
  }`;
  return waived.length === 0
    ? `${all}.`
    : `${all}, ${waived.length} by a waiver: ${waived
        .map(({ message }) => message)
        .join(' ')}`;
}
