import type { Text } from '../translation';
import type { ShownPhase } from '../ui/State';
import type { Leaf } from './foldLoops';

/** What is said of a step below its name. */
export interface StepWords {
  /** Fits into the picture. */
  short: string;
  /** Says everything: for the pointer and for readers of the screen. */
  full: string;
}

/** A step of a plan: what it is made from, and when. */
export function planWords(t: Text, step: Leaf): StepWords {
  const { when, template, looped, line } = step;
  const made = t('pipeline.template', { template });
  const often = looped ? t('pipeline.loop') : undefined;
  const place = line && t('pipeline.line', { line: String(line) });
  const full = [made, often, when && whenWords(t, when).full, place];
  return {
    short: when ? whenWords(t, when).short : often ?? made,
    full: full.filter(Boolean).join(', '),
  };
}

/** A step of a run: how it stands, and which round of a loop it is. */
export function runWords(t: Text, step: Leaf): StepWords {
  const { counts, round, when, phase } = step;
  if (counts) return same(countsText(t, counts));
  const state = t(`phase.${phase}`);
  if (round) {
    const { label, item } = round;
    const place = t('pipeline.round', {
      number: String(round.number),
      of: String(round.of),
    });
    return { short: label ?? place, full: `${state}, ${place}: ${item}` };
  }
  if (!when) return same(state);
  const { short, full } = whenWords(t, when);
  return { short, full: `${state}, ${full}` };
}

function same(text: string): StepWords {
  return { short: text, full: text };
}

function whenWords(t: Text, when: string): StepWords {
  return {
    short: t('pipeline.when', { condition: shortCondition(when) }),
    full: t('pipeline.when', { condition: when }),
  };
}

/** `'{{tasks.judge.outputs.parameters.good}}' == 'yes'` as `good == yes`. */
export function shortCondition(when: string): string {
  return when
    .replace(/\{\{=?\s*([^}]*?)\s*\}\}/g, (_, tag: string) => {
      const parts = tag.split('.');
      const last = parts[parts.length - 1];
      // A result has no name of its own; the step that gave it has.
      return last === 'result' && parts.length > 2 ? parts[1] : last;
    })
    .replace(/['"]/g, '');
}

/** `97 ok, 3 failed`. */
export function countsText(
  t: Text,
  counts: NonNullable<Leaf['counts']>,
): string {
  return Object.entries(counts)
    .map(([phase, count]) => `${count} ${t(`counted.${phase as ShownPhase}`)}`)
    .join(', ');
}
