import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useQuery } from '../routing';
import { useText } from '../translation';
import styles from './ViewChoice.module.css';

/** How the steps are shown. */
export type View = 'graph' | 'list';

/** The view that the address asks for. */
export function useView(usual: View = 'graph'): [View, (view: View) => void] {
  const [query, change] = useQuery();
  const asked = query.get('view');
  const view = asked === 'list' || asked === 'graph' ? asked : usual;
  return [view, next => change({ view: next })];
}

/** Graph or list. */
export function ViewChoice(props: { view: View; onChange(view: View): void }) {
  const { view, onChange } = props;
  const t = useText();
  return (
    <ToggleButtonGroup
      className={styles.choice}
      aria-label={t('pipeline.view')}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[view]}
      onSelectionChange={keys => onChange([...keys][0] as View)}
    >
      <ToggleButton id="graph">{t('pipeline.asGraph')}</ToggleButton>
      <ToggleButton id="list">{t('pipeline.asList')}</ToggleButton>
    </ToggleButtonGroup>
  );
}
