import type { NodeStatus } from '@backstage-mlops/argo-engine';
import type { Pipeline, Run } from '@backstage-mlops/mlops-core';
import { planName } from '../pipelines/round';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Note, Panel } from '../ui/Panel';
import { StateIcon, toneOf } from '../ui/State';
import { durationText } from '../ui/time';
import { To } from '../ui/To';
import styles from './RunHeadline.module.css';
import { isOver, toRunSentence } from './runSentence';
import { useNow } from './useNow';

/** How a run stands in one sentence, with links to the log line and to the line of the file that broke. */
export function RunHeadline(props: {
  run: Run;
  failed?: NodeStatus;
  pipeline?: Pipeline;
}) {
  const { run, failed, pipeline } = props;
  const stopped = toRunSentence(run).says === 'stopped';
  // A stop is no fault: nothing is to be mended.
  const phase = stopped ? 'Skipped' : run.phase;
  const bad = phase === 'Failed' || phase === 'Error';
  return (
    <Panel tone={bad ? 'danger' : undefined}>
      <div className={styles.sentence}>
        <span className={toneOf(phase)}>
          <StateIcon phase={phase} size={22} />
        </span>
        <Sentence run={run} failed={failed} />
      </div>
      <Announced run={run} stopped={stopped} />
      {bad && failed && pipeline && (
        <Place run={run} failed={failed} pipeline={pipeline} />
      )}
    </Panel>
  );
}

/** Says aloud that the state changed; the sentence itself ticks every second. */
function Announced({ run, stopped }: { run: Run; stopped: boolean }) {
  const t = useText();
  const state = stopped ? t('run.stoppedState') : t(`phase.${run.phase}`);
  return (
    <span className={styles.announced} role="status">
      {t('run.announced', { run: run.id, state })}
    </span>
  );
}

function Sentence({ run, failed }: { run: Run; failed?: NodeStatus }) {
  const t = useText();
  const links = useLinks();
  const sentence = toRunSentence(run, useNow(!isOver(run)));
  const time = sentence.says === 'waits' ? '' : durationText(t, sentence.ms);
  switch (sentence.says) {
    case 'waits':
      return <span>{run.queue?.message ?? run.message ?? t('run.waits')}</span>;
    case 'runs':
    case 'succeeded':
    case 'stopped':
      return <span>{t(`run.${sentence.says}`, { time })}</span>;
    case 'failed':
      return (
        <span>
          {t('run.failed', {
            time,
            cause: sentence.cause ?? t('run.noReason'),
          })}
        </span>
      );
    case 'failedIn': {
      const to =
        failed &&
        links.run(run.id, { node: failed.id, tab: 'log', line: 'error' });
      const node = to ? (
        <To href={to}>{sentence.node}</To>
      ) : (
        <>{sentence.node}</>
      );
      return (
        <span>{t('run.failedIn', { time, node, cause: sentence.cause })}</span>
      );
    }
    default:
      return sentence satisfies never;
  }
}

/** The line of the committed file where the broken step is written. */
function Place(props: { run: Run; failed: NodeStatus; pipeline: Pipeline }) {
  const { run, failed, pipeline } = props;
  const t = useText();
  const links = useLinks();
  const { nodes } = pipeline.graph;
  const written =
    nodes.find(
      ({ name, template }) =>
        name === planName(failed.displayName) &&
        template === failed.templateName,
    ) ?? nodes.find(({ template }) => template === failed.templateName);
  const line = written?.templateLine ?? written?.line;
  if (line === undefined) return null;
  const place = (
    <To
      href={links.pipeline(run.project, run.pipeline, {
        ref: run.commit,
        line,
      })}
    >
      {t('run.place', {
        line: String(line),
        file: run.file,
        commit: shortCommit(run.commit),
      })}
    </To>
  );
  return <Note>{t('run.yaml', { place })}</Note>;
}
