import { SearchField, Select } from '@backstage/ui';
import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { useText, type Text } from '../translation';
import { nameOf } from '../ui/figures';
import { projectStates, type ProjectFilter } from './attend';
import styles from './HomePage.module.css';

const any = 'any';

/** Text, owner and state; they stand in the address. */
export function HomeFilters(props: {
  items: ProjectSummary[];
  filter: ProjectFilter;
  onChange(changes: Record<string, string>): void;
}) {
  const t = useText();
  const { items, filter, onChange } = props;
  const owners = [...new Set(items.map(item => item.owner))].sort();
  const choose = (name: string) => (key: unknown) =>
    onChange({ [name]: key === any ? '' : String(key) });
  return (
    <div className={styles.filters} role="search">
      <SearchField
        aria-label={t('home.search')}
        placeholder={t('home.search')}
        value={filter.text}
        onChange={text => onChange({ text })}
      />
      <Select
        aria-label={t('home.owner')}
        value={filter.owner ?? any}
        onChange={choose('owner')}
        options={[
          { id: any, label: t('home.anyOwner') },
          ...owners.map(owner => ({ id: owner, label: nameOf(owner) })),
        ]}
      />
      <Select
        aria-label={t('home.state')}
        value={filter.state ?? any}
        onChange={choose('state')}
        options={[
          { id: any, label: t('home.anyState') },
          ...projectStates.map(state => ({
            id: state,
            label: stateName(t, state),
          })),
        ]}
      />
    </div>
  );
}

function stateName(t: Text, state: (typeof projectStates)[number]): string {
  if (state === 'never') return t('home.neverRan');
  if (state === 'faulty') return t('home.faulty');
  if (state === 'Stopped') return t('run.stoppedState');
  return t(`phase.${state}`);
}
