import type { Effect } from '@backstage-mlops/mlops-core';
import type { Text } from '../../translation';

/** Longer titles are cut by many hosts. */
const longest = 72;

/** What an edit does in a few words, for somebody who has not written a title. */
export function suggestTitle(
  t: Text,
  pipeline: string,
  effect?: Pick<Effect, 'parameters' | 'graph'>,
): string {
  const title = wordsOf(t, pipeline, effect);
  return title.length > longest ? t('editor.title.any', { pipeline }) : title;
}

function wordsOf(
  t: Text,
  pipeline: string,
  effect?: Pick<Effect, 'parameters' | 'graph'>,
): string {
  if (!effect) return t('editor.title.any', { pipeline });
  const { parameters, graph } = effect;
  const { added, removed, changed } = graph;
  const [first] = parameters;
  if (parameters.length === 1 && first.after !== undefined)
    return t('editor.title.value', {
      pipeline,
      name: first.name,
      value: first.after,
    });
  if (parameters.length > 0)
    return t('editor.title.values', {
      pipeline,
      names: parameters.map(({ name }) => name).join(', '),
    });
  const names = (ids: string[]) =>
    ids.map(id => id.split(/[./]/).pop()!).join(', ');
  if (added.length > 0)
    return t('editor.title.added', { pipeline, names: names(added) });
  if (removed.length > 0)
    return t('editor.title.removed', { pipeline, names: names(removed) });
  if (changed.length > 0)
    return t('editor.title.changed', { pipeline, names: names(changed) });
  return t('editor.title.any', { pipeline });
}
