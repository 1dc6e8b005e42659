import { Button } from '@backstage/ui';
import type { PipelineEffect } from '@backstage-mlops/mlops-core';
import { useMemo, useState } from 'react';
import { GraphView } from '../../pipelines/GraphView';
import { StepSign } from '../../pipelines/StepSign';
import { toStepTree } from '../../pipelines/stepTree';
import { useText } from '../../translation';
import { Note } from '../../ui/Panel';
import { listMarks, markGraph } from './markGraph';
import styles from './Effect.module.css';

/** A picture of more steps takes a while to place; it is drawn when it is asked for. */
const mostDrawn = 80;
/** Changes that are told before the rest is folded. */
const mostTold = 12;

/** The steps before and after in one picture, and the same in words. */
export function EffectGraph(props: {
  effect: PipelineEffect;
  onLine?(line: number): void;
}) {
  const { effect, onLine } = props;
  const t = useText();
  const [asked, setAsked] = useState(false);
  const { graph } = useMemo(() => markGraph(effect), [effect]);
  const large = graph.nodes.length > mostDrawn;
  return (
    <>
      <Marks effect={effect} onLine={onLine} />
      {large && !asked && (
        <Button size="small" variant="secondary" onPress={() => setAsked(true)}>
          {t('effect.draw', { amount: String(graph.nodes.length) })}
        </Button>
      )}
      {(!large || asked) && <Drawn effect={effect} onLine={onLine} />}
    </>
  );
}

function Drawn(props: { effect: PipelineEffect; onLine?(line: number): void }) {
  const { effect, onLine } = props;
  const t = useText();
  const { tree, marks } = useMemo(() => {
    const marked = markGraph(effect);
    return { tree: toStepTree(marked.graph), marks: marked.marks };
  }, [effect]);
  if (tree.steps.length === 0) return <Note>{t('effect.notDrawn')}</Note>;
  return (
    <GraphView
      many
      tree={tree}
      marks={marks}
      onSelect={({ line, planId }) =>
        line !== undefined &&
        marks.get(planId ?? '') !== 'removed' &&
        onLine?.(line)
      }
    />
  );
}

/** Each step that is added, removed or changed, in words. */
function Marks(props: { effect: PipelineEffect; onLine?(line: number): void }) {
  const { effect, onLine } = props;
  const t = useText();
  const [all, setAll] = useState(false);
  const marks = useMemo(() => listMarks(effect), [effect]);
  if (marks.length === 0) return <Note>{t('effect.sameSteps')}</Note>;
  const shown = all ? marks : marks.slice(0, mostTold);
  return (
    <>
      <ul className={styles.marks} aria-label={t('effect.marks')}>
        {shown.map(({ id, name, mark, fields, line }) => (
          <li key={id}>
            <StepSign mark={mark} />{' '}
            {line !== undefined && onLine ? (
              <button
                type="button"
                className={styles.jump}
                onClick={() => onLine(line)}
              >
                {name}
              </button>
            ) : (
              <strong>{name}</strong>
            )}
            {fields.length > 0 && (
              <span className={styles.fields}>{fields.join(', ')}</span>
            )}
          </li>
        ))}
      </ul>
      {marks.length > shown.length && (
        <Button size="small" variant="tertiary" onPress={() => setAll(true)}>
          {t('effect.moreMarks', {
            amount: String(marks.length - shown.length),
          })}
        </Button>
      )}
    </>
  );
}
