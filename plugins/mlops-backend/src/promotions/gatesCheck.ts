import type { ReadProject } from '@backstage-mlops/mlops-core';
import { aliasMoves } from '@backstage-mlops/mlops-core';
import type {
  ChangeCheck,
  ChangeContext,
  MergeRule,
} from '../changes/ChangeCheck';
import type { GateKeeper } from './GateKeeper';

const checkName = 'gates';

/** What the main branch has of a project now. */
export type MainOf = (project: string) => ReadProject | undefined;

/** Whether a change moves an alias of any model, or a model's file cannot be read. */
export function touchesAliases({ before, after }: ChangeContext): boolean {
  const models = [before, after].flatMap(read => read?.models ?? []);
  return [...new Set(models.map(({ name }) => name))].some(name => {
    const [was, is] = [before, after].map(read =>
      read?.models.find(model => model.name === name),
    );
    if (is && !is.value && was?.value !== is.value) return true;
    return aliasMoves(was?.value, is?.value).length > 0;
  });
}

/** The gates as a check of every request that moves an alias, and once more at its merge. */
export function gatesCheck(
  keeper: GateKeeper,
  mainOf: MainOf,
): { check: ChangeCheck; rule: MergeRule } {
  const judge = (context: ChangeContext) =>
    keeper.judgeRequest({
      project: context.project,
      base: context.before,
      head: context.after,
      main: mainOf(context.project),
    });
  return {
    check: {
      name: checkName,
      applies: async context => touchesAliases(context),
      async run(context) {
        const verdicts = await judge(context);
        const open = verdicts.filter(({ passes }) => !passes);
        return {
          state: open.length > 0 ? 'failed' : 'passed',
          message:
            (open.length > 0 ? open : verdicts)
              .map(({ message }) => message)
              .join(' ') || 'No alias moves.',
        };
      },
    },
    rule: {
      async blockedBy(context) {
        if (!touchesAliases(context)) return [];
        // What the check of this head said already is in the way by the check itself.
        const { checks, head } = context.change;
        const said = checks
          .filter(
            ({ name, commit, state }) =>
              name === checkName && commit === head && state === 'failed',
          )
          .map(({ message }) => message);
        return (await judge(context))
          .filter(
            ({ passes, message }) =>
              !passes && !said.some(text => text.includes(message)),
          )
          .map(({ message }) => `Gates: ${message}`);
      },
    },
  };
}
