/* Fields of a schedule. Source: ValidateCronWorkflow of Argo's validate.go. */
import { scheduleFault, timezoneFault } from '../schedules/parseSchedule';
import type { Findings } from './checkShape';

type Data = Record<string, any>;

const policies = ['Allow', 'Forbid', 'Replace'];

/** Checks when a CronWorkflow runs. What it runs is checked as a Workflow. */
export function checkCron(spec: Data, findings: Findings): void {
  const add = (field: string, code: string, message: string) =>
    findings.add(['spec', ...field.split('.')], code, message);
  if (spec.schedules?.length && spec.schedule)
    add(
      'schedule',
      'two-schedules',
      'cron workflow cant be configured with both Spec.Schedule and Spec.Schedules',
    );
  else if (!spec.schedules?.length && !spec.schedule)
    findings.add(
      ['spec'],
      'missing-field',
      'cron workflow must have at least one schedule',
    );
  else if (spec.schedule)
    findings.add(
      ['spec', 'schedule'],
      'old-field',
      `spec.schedule is an old field: write schedules: ['${spec.schedule}']`,
      'notice',
    );
  const schedules: string[] = spec.schedules ?? [spec.schedule].filter(Boolean);
  schedules.forEach((schedule, index) => {
    const fault = scheduleFault(schedule);
    if (fault)
      findings.add(
        spec.schedules ? ['spec', 'schedules', index] : ['spec', 'schedule'],
        'invalid-schedule',
        `cron schedule ${schedule} is malformed: ${fault}`,
      );
  });
  const zone = timezoneFault(spec.timezone);
  if (zone)
    add(
      'timezone',
      'invalid-timezone',
      `invalid timezone ${JSON.stringify(spec.timezone)}: ${zone}`,
    );
  if (spec.concurrencyPolicy && !policies.includes(spec.concurrencyPolicy))
    add(
      'concurrencyPolicy',
      'invalid-policy',
      `'${spec.concurrencyPolicy}' is not a valid concurrencyPolicy`,
    );
  if (spec.startingDeadlineSeconds < 0)
    add(
      'startingDeadlineSeconds',
      'negative',
      'startingDeadlineSeconds must be positive',
    );
  for (const field of ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'])
    if (spec[field] < 0)
      add(field, 'negative', `${field} must be zero or more`);
}
