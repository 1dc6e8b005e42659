import { curveMonotoneY, line } from 'd3-shape';
import { useMemo } from 'react';
import { useText } from '../translation';
import { StateIcon, toneOf } from '../ui/State';
import { useWidth } from '../ui/useWidth';
import { foldLoops, type Leaf } from './foldLoops';
import styles from './GraphView.module.css';
import { box, layoutGraph, type Drawing } from './layoutGraph';
import { StepSign, type StepMark } from './StepSign';
import type { StepTree } from './stepTree';
import { planWords, runWords, type StepWords } from './stepWords';

/** Below this size the words are too small; the picture scrolls instead. */
const smallest = 0.72;

/** The steps and what comes after what. Each step is a button; the list beside the picture says the same. */
export function GraphView(props: {
  tree: StepTree;
  /** Steps of a run have a state; those of a plan say what they are made from. */
  ofRun?: boolean;
  /** Loops are folded wherever they can be. */
  many?: boolean;
  /** What a change does to a step, by its id in the graph. */
  marks?: ReadonlyMap<string, StepMark>;
  selected?: string;
  onSelect(leaf: Leaf): void;
}) {
  const { tree, ofRun = false, many, marks, selected, onSelect } = props;
  const t = useText();
  const drawing = useMemo(() => {
    const { leaves, edges } = foldLoops(tree, many);
    return layoutGraph(leaves, edges);
  }, [tree, many]);
  const [frame, room = Infinity] = useWidth();
  const scale = Math.max(smallest, Math.min(1, room / drawing.width));
  return (
    <div className={styles.frame} ref={frame}>
      <div
        className={styles.room}
        style={{ width: drawing.width * scale, height: drawing.height * scale }}
      >
        <div
          className={styles.drawing}
          role="group"
          aria-label={t('pipeline.graph')}
          style={{
            width: drawing.width,
            height: drawing.height,
            transform: `scale(${scale})`,
          }}
        >
          <Edges drawing={drawing} />
          {drawing.leaves.map(leaf => (
            <GraphStep
              key={leaf.id}
              leaf={leaf}
              words={ofRun ? runWords(t, leaf) : planWords(t, leaf)}
              ofRun={ofRun}
              mark={leaf.planId ? marks?.get(leaf.planId) : undefined}
              selected={selected !== undefined && selected === leaf.nodeId}
              onSelect={() => onSelect(leaf)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

const curve = line<{ x: number; y: number }>(
  point => point.x,
  point => point.y,
).curve(curveMonotoneY);

function Edges({ drawing }: { drawing: Drawing }) {
  return (
    <svg
      className={styles.edges}
      width={drawing.width}
      height={drawing.height}
      aria-hidden
    >
      {drawing.edges.map(({ from, to, points }) => (
        <path key={`${from}\n${to}`} d={curve(points) ?? ''} />
      ))}
    </svg>
  );
}

function GraphStep(props: {
  leaf: Drawing['leaves'][number];
  words: StepWords;
  ofRun: boolean;
  mark?: StepMark;
  selected: boolean;
  onSelect(): void;
}) {
  const t = useText();
  const { leaf, words, ofRun, mark, selected, onSelect } = props;
  // Who speaks to the machine says what is seen: the name has the words of the picture in their order.
  const seen = mark ? t(`pipeline.mark.${mark}`) : words.short;
  const text = t('pipeline.stepState', {
    name: leaf.name,
    state: words.full.startsWith(seen) ? words.full : `${seen}, ${words.full}`,
  });
  return (
    <button
      type="button"
      className={`${styles.step} ${
        ofRun && leaf.phase === 'Planned' ? styles.planned : ''
      } ${mark ? styles[mark] : ''}`}
      style={{ left: leaf.x, top: leaf.y, ...box }}
      // A step of a plan is a way to its line; a step of a run is chosen.
      aria-pressed={ofRun ? selected : undefined}
      aria-label={text}
      title={text}
      onClick={onSelect}
    >
      <span className={styles.name}>{leaf.name}</span>{' '}
      {mark ? (
        <StepSign mark={mark} />
      ) : (
        <span
          className={`${styles.state} ${toneOf(
            ofRun ? leaf.phase : 'Planned',
          )}`}
        >
          {ofRun && <StateIcon phase={leaf.phase} />}
          <span>{words.short}</span>
        </span>
      )}
    </button>
  );
}
