import type { Effect, PipelineEffect } from '@backstage-mlops/mlops-core';
import { useId, type ReactNode } from 'react';
import { EstimateFacts } from '../../runs/Estimate';
import { useLinks } from '../../routing';
import { useText } from '../../translation';
import { nameOf } from '../../ui/figures';
import { Code, Facts, Note } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import { To } from '../../ui/To';
import styles from './Effect.module.css';
import { EffectGraph } from './EffectGraph';
import { Findings } from './Findings';

/** What a change would do, before anything is written. */
export function EffectView(props: {
  effect: Effect;
  project: string;
  /** The file that is open in the editor. */
  file?: string;
  onLine?(line: number, column?: number): void;
}) {
  const { effect, file, onLine } = props;
  const t = useText();
  const { findings, pipelines } = effect;
  const faults = findings.length > 0 && (
    <Part title={t('effect.findings')}>
      <Findings findings={findings} file={file} onLine={onLine} />
    </Part>
  );
  return (
    <>
      {faults}
      <Parameters effect={effect} />
      {pipelines.map(one => (
        <Steps
          key={one.file}
          effect={one}
          named={pipelines.length > 1}
          onLine={one.file === file ? onLine : undefined}
        />
      ))}
      {pipelines.length > 0 && <Work effect={effect} />}
      {effect.estimate && (
        <Part title={t('effect.estimate')}>
          <EstimateFacts of={effect.estimate} />
        </Part>
      )}
      <Affected effect={effect} project={props.project} />
      {!faults && (
        <Part title={t('effect.findings')}>
          <Judged as="good">{t('effect.noFindings')}</Judged>
        </Part>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const heading = useId();
  return (
    <section className={styles.part} aria-labelledby={heading}>
      <h3 id={heading}>{title}</h3>
      {children}
    </section>
  );
}

/** Parameters whose default differs: before and after. */
export function Parameters({
  effect,
}: {
  effect: Pick<Effect, 'parameters' | 'pipelines'>;
}) {
  const t = useText();
  const { parameters, pipelines } = effect;
  if (parameters.length === 0) return null;
  const named = pipelines.length > 1;
  const shown = (value?: string) =>
    value === undefined ? (
      <Judged as="quiet">{t('effect.noValue')}</Judged>
    ) : (
      <Code>{value === '' ? t('effect.emptyValue') : value}</Code>
    );
  return (
    <Part title={t('effect.parameters')}>
      <dl className={styles.values}>
        {parameters.map(({ pipeline, name, before, after }) => (
          <div key={`${pipeline} ${name}`}>
            <dt>{named ? `${pipeline}: ${name}` : name}</dt>
            <dd>
              <span className={styles.old}>{shown(before)}</span>
              {' → '}
              {shown(after)}
            </dd>
          </div>
        ))}
      </dl>
    </Part>
  );
}

/** What becomes of the steps of a pipeline. */
export function Steps(props: {
  effect: PipelineEffect;
  named: boolean;
  onLine?(line: number): void;
}) {
  const { effect, named, onLine } = props;
  const t = useText();
  const title = named
    ? t('effect.stepsOf', { pipeline: effect.pipeline })
    : t('effect.steps');
  return (
    <Part title={title}>
      <EffectGraph effect={effect} onLine={onLine} />
    </Part>
  );
}

/** Which steps do their work again, and which have it already. */
function Work({ effect }: { effect: Effect }) {
  const t = useText();
  const { rerun, cached } = effect;
  return (
    <Part title={t('effect.nextRun')}>
      <Facts
        items={[
          [
            t('effect.rerun', { count: rerun.length }),
            rerun.join(', ') || t('run.none'),
          ],
          [
            t('effect.cached', { count: cached.length }),
            cached.join(', ') || t('run.none'),
          ],
        ]}
      />
    </Part>
  );
}

function Affected({ effect, project }: { effect: Effect; project: string }) {
  const t = useText();
  const links = useLinks();
  const { pipelines, models, datasets, teams, projects } = effect.affected;
  const list = (names: string[], to?: (name: string) => string) =>
    names.length > 0 &&
    names.map((name, index) => (
      <span key={name}>
        {index > 0 && ', '}
        {to ? <To href={to(name)}>{name}</To> : nameOf(name)}
      </span>
    ));
  const items: [string, ReactNode][] = [
    [t('effect.pipelines'), list(pipelines, n => links.pipeline(project, n))],
    [t('effect.models'), list(models, n => links.model(project, n))],
    [t('effect.datasets'), list(datasets, n => links.dataset(project, n))],
    [t('effect.teams'), list(teams)],
    [t('effect.projects'), list(projects, n => links.project(n))],
  ];
  return (
    <Part title={t('effect.affected')}>
      {items.some(([, value]) => value) ? (
        <Facts items={items} />
      ) : (
        <Note>{t('effect.nobody')}</Note>
      )}
    </Part>
  );
}
