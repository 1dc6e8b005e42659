import { useApi } from '@backstage/core-plugin-api';
import type { Maturity } from '@backstage-mlops/mlops-core';
import { RiCheckboxCircleFill, RiCircleLine } from '@remixicon/react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { newKey } from '../api/newKey';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { ConfirmButton } from '../ui/ConfirmButton';
import { Fetched } from '../ui/Fetched';
import { Inline } from '../ui/Page';
import { Panel } from '../ui/Panel';
import stateStyles from '../ui/State.module.css';
import styles from './MaturityCard.module.css';

const levelNames = ['byHand', 'automated', 'delivered'] as const;
type Point = Maturity['points'][number];

/** How far a project is automated, by what git and runs show, and what is missing. */
export function MaturityCard({ project }: { project: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const maturity = useResource({
    key: `maturity ${project}`,
    load: () => api.getMaturity(project),
  });
  return (
    <Panel title={t('maturity.title')}>
      <Fetched of={maturity} what={t('maturity.what')}>
        {({ level, points }) => (
          <>
            <Inline>
              <span className={styles.level}>
                {t('maturity.level', { level: String(level) })}
              </span>
              <span>{t(`maturity.${levelNames[level]}`)}</span>
            </Inline>
            <ul className={styles.points}>
              {points.map(point => (
                <PointLine key={point.name} project={project} point={point} />
              ))}
            </ul>
          </>
        )}
      </Fetched>
    </Panel>
  );
}

function PointLine({ project, point }: { project: string; point: Point }) {
  const t = useText();
  const Icon = point.met ? RiCheckboxCircleFill : RiCircleLine;
  return (
    <li className={styles.point}>
      <Icon
        size={18}
        className={point.met ? stateStyles.good : stateStyles.quiet}
        role="img"
        aria-label={t(point.met ? 'maturity.met' : 'maturity.open')}
      />
      <div>
        <strong>{point.name}</strong>
        <p>{point.message}</p>
        {point.fix && (
          <div className={styles.fix}>
            <FixButton project={project} name={point.name} fix={point.fix} />
          </div>
        )}
      </div>
    </li>
  );
}

function FixButton(props: {
  project: string;
  name: string;
  fix: NonNullable<Point['fix']>;
}) {
  const { project, name, fix } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const navigate = useNavigate();
  return (
    <ConfirmButton
      size="small"
      label={t('maturity.fix')}
      title={t('maturity.fixTitle', { path: fix.path })}
      text={t('maturity.fixText')}
      refused={t('maturity.refused')}
      onConfirm={async () => {
        const change = await api.openChange(
          { project, title: `Add ${name}`, edits: [fix] },
          newKey(),
        );
        navigate(links.change(change.id));
      }}
    >
      <pre className={styles.file}>{fix.content}</pre>
    </ConfirmButton>
  );
}
