import type {
  ProjectDetail,
  ScheduleSummary,
} from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { ExactTime } from '../ui/When';
import styles from './ScheduleList.module.css';

/** Schedules of a project: what they start, when next in the reader's own time, and what keeps them from it. */
export function ScheduleList({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  const { name, schedules } = project;
  if (schedules.length === 0) return null;
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Panel title={t('schedule.title')}>
      <Table
        cards
        label={t('schedule.title')}
        columns={[
          t('schedule.name'),
          t('schedule.starts'),
          t('schedule.times'),
          t('schedule.next'),
          t('schedule.last'),
        ]}
        rows={schedules.map(schedule => ({
          key: schedule.name,
          cells: [
            schedule.title ?? schedule.name,
            <To href={links.pipeline(name, schedule.pipeline)}>
              {schedule.pipeline}
            </To>,
            <span>
              <Code>{schedule.schedules.join(', ')}</Code> {schedule.timezone}
            </span>,
            <Next schedule={schedule} />,
            schedule.lastRun ? (
              <To href={links.run(schedule.lastRun.id)}>
                <ExactTime at={schedule.lastRun.scheduledFor} />
              </To>
            ) : (
              t('schedule.never')
            ),
          ],
        }))}
      />
      <Note>{t('schedule.zone', { zone })}</Note>
    </Panel>
  );
}

function Next({ schedule }: { schedule: ScheduleSummary }) {
  const t = useText();
  const { suspended, stoppedAt, fault, passed, lastRun, next } = schedule;
  if (suspended) return <>{t('schedule.suspended')}</>;
  if (stoppedAt) return <>{t('schedule.stopped')}</>;
  return (
    <>
      {fault && (
        <p>
          <Judged as="bad">{t('schedule.fault', { fault })}</Judged>
        </p>
      )}
      {passed && !(lastRun && lastRun.scheduledFor > passed.at) && (
        <p className={styles.passed}>
          <ExactTime at={passed.at} />{' '}
          {t('schedule.passed', { why: passed.why })}
        </p>
      )}
      {next.length === 0 ? (
        t('schedule.none')
      ) : (
        <ol className={styles.times}>
          {next.map(time => (
            <li key={time}>
              <ExactTime at={time} />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
