import type { GateResult, PromotionPreview } from '@backstage-mlops/mlops-core';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiCloseCircleFill,
  RiShieldCheckLine,
} from '@remixicon/react';
import { useText, type Text } from '../translation';
import { figure } from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import stateStyles from '../ui/State.module.css';
import { Table } from '../ui/Table';

const icons = {
  passed: RiCheckboxCircleFill,
  failed: RiCloseCircleFill,
  waived: RiShieldCheckLine,
  error: RiAlertFill,
} as const;
const tones = {
  passed: 'good',
  failed: 'bad',
  waived: 'warn',
  error: 'bad',
} as const;

/** Whether a gate passed, as icon and word. */
export function GateState({ state }: { state: GateResult['state'] }) {
  const t = useText();
  const Icon = icons[state];
  return (
    <span className={`${stateStyles.state} ${stateStyles[tones[state]]}`}>
      <Icon size={16} aria-hidden className={stateStyles.icon} />
      {t(`promote.state.${state}`)}
    </span>
  );
}

type Comparison = GateResult['comparisons'][number];
const shown = (value: number | undefined, t: Text) =>
  value === undefined ? t('time.none') : figure(value);

function Lines(props: {
  of: GateResult;
  show(comparison: Comparison): React.ReactNode;
}) {
  return (
    <>
      {props.of.comparisons.map((comparison, i) => (
        <div key={i}>{props.show(comparison)}</div>
      ))}
    </>
  );
}

/** Gates with value, limit and interval, in the words that the check of the request says too. */
export function Gates({ preview }: { preview: PromotionPreview }) {
  const t = useText();
  const { gates, file } = preview;
  if (gates.length === 0)
    return (
      <Panel title={t('promote.gates')}>
        <Note>{t('promote.noGates', { file })}</Note>
      </Panel>
    );
  return (
    <Panel title={t('promote.gates')}>
      <Judged as={preview.passes ? 'good' : 'bad'}>
        {preview.passes ? t('promote.passes') : t('promote.blocked', { file })}
      </Judged>
      <Table
        cards
        label={t('promote.gates')}
        columns={[
          t('promote.result'),
          t('promote.gate'),
          t('promote.condition'),
          { title: t('promote.value'), figures: true },
          { title: t('promote.limit'), figures: true },
          t('promote.interval'),
          t('promote.said'),
        ]}
        rows={gates.map(gate => ({
          key: gate.name,
          cells: [
            <GateState state={gate.state} />,
            gate.name === gate.gate.trim() ? (
              <Code>{gate.gate}</Code>
            ) : (
              gate.name
            ),
            <Lines
              of={gate}
              show={({ metric, operator, passed }) => (
                <Judged as={passed ? 'quiet' : 'bad'}>
                  <Code whole>{`${metric} ${operator}`}</Code>
                </Judged>
              )}
            />,
            <Lines of={gate} show={({ value }) => shown(value, t)} />,
            <Lines of={gate} show={({ limit }) => shown(limit, t)} />,
            <Lines
              of={gate}
              show={({ interval }) =>
                interval
                  ? t('version.from', {
                      lower: figure(interval.lower),
                      upper: figure(interval.upper),
                    })
                  : t('time.none')
              }
            />,
            gate.message,
          ],
        }))}
      />
    </Panel>
  );
}
