import type { RegisteredModel } from '@backstage-mlops/mlops-core';
import { RiGitCommitLine } from '@remixicon/react';
import { useText } from '../translation';
import { Inline } from '../ui/Page';
import styles from './AliasBadge.module.css';

type Alias = RegisteredModel['aliases'][number];

/** The name of an alias; a sign where git declares it. */
export function AliasBadge({ alias }: { alias: Omit<Alias, 'version'> }) {
  const t = useText();
  const { declared } = alias;
  return (
    <span
      className={`${styles.badge} ${declared ? styles.declared : ''}`}
      title={t(declared ? 'alias.declared' : 'alias.free')}
    >
      {declared && (
        <RiGitCommitLine size={14} className={styles.icon} aria-hidden />
      )}
      {alias.alias}
    </span>
  );
}

/** The aliases of one version. */
export function AliasBadges(props: { aliases: Alias[]; version: string }) {
  const own = props.aliases.filter(({ version }) => version === props.version);
  if (own.length === 0) return null;
  return (
    <Inline>
      {own.map(alias => (
        <AliasBadge key={alias.alias} alias={alias} />
      ))}
    </Inline>
  );
}
