import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { figure, shortCommit } from '../ui/figures';
import { Markdown } from '../ui/Markdown';
import { Columns } from '../ui/Page';
import { Code, Facts, Panel, Sentences } from '../ui/Panel';
import { Outside, Owner } from '../ui/To';
import { SyncPanel } from '../sync/SyncPanel';
import { MaturityCard } from './MaturityCard';
import styles from './Overview.module.css';
import { LastRun } from './ProjectTable';

/** What a project is for, how it stands, what it says of itself. */
export function Overview({ project }: { project: ProjectDetail }) {
  const t = useText();
  const spec = project.file?.spec;
  return (
    <Columns
      main={
        <>
          {spec && <Purpose spec={spec} />}
          <SyncPanel project={project.name} />
          {project.readme && (
            <Panel title={t('project.readme')}>
              <div className={styles.readme}>
                <Markdown content={project.readme} />
              </div>
            </Panel>
          )}
        </>
      }
      side={
        <>
          <Standing project={project} />
          <MaturityCard project={project.name} />
          {spec && spec.risks.length > 0 && (
            <Panel title={t('project.risks')}>
              <Sentences items={spec.risks} />
            </Panel>
          )}
          {spec && spec.nextSteps.length > 0 && (
            <Panel title={t('project.nextSteps')}>
              <Sentences items={spec.nextSteps} />
            </Panel>
          )}
        </>
      }
    />
  );
}

type Spec = NonNullable<ProjectDetail['file']>['spec'];

function Purpose({ spec }: { spec: Spec }) {
  const t = useText();
  const { problem, baseline } = spec;
  const measured =
    baseline.value === undefined
      ? baseline.metric
      : `${baseline.metric} ${figure(baseline.value)}`;
  return (
    <Panel title={t('project.purpose')}>
      <Facts
        items={[
          [t('project.decides'), problem.decides],
          [t('project.forWhom'), problem.forWhom],
          [t('project.why'), problem.whyMachineLearning],
          [t('project.cost'), problem.costOfWrongAnswer],
          [t('project.baseline'), baseline.rule],
          [t('project.baselineMetric'), measured],
        ]}
      />
    </Panel>
  );
}

function Standing({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = project.file?.metadata.links ?? [];
  return (
    <Panel title={t('project.state')}>
      <Facts
        items={[
          [t('project.lastRun'), <LastRun item={project} />],
          [t('project.owner'), <Owner of={project.owner} />],
          [t('project.lifecycle'), project.lifecycle],
          [t('project.tags'), project.tags.join(', ')],
          [
            t('project.commit'),
            <Code whole>{shortCommit(project.commit)}</Code>,
          ],
          [t('project.folder'), <Code>{project.path}</Code>],
          [
            t('project.links'),
            links.length > 0 &&
              links.map(link => (
                <div key={link.url}>
                  <Outside {...link} />
                </div>
              )),
          ],
        ]}
      />
    </Panel>
  );
}
