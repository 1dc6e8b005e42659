import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useQuery } from '../routing';
import { useText } from '../translation';
import styles from './ViewChoice.module.css';

/** How the steps are shown. */
export type View = 'graph' | 'list' | 'timeline';

const untimed: View[] = ['graph', 'list'];
const views: View[] = [...untimed, 'timeline'];

/** The view that the address asks for; a plan has no times. */
export function useView(
  usual: View = 'graph',
  timed = false,
): [View, (view: View) => void] {
  const [query, change] = useQuery();
  const offered = timed ? views : untimed;
  const view = offered.find(name => name === query.get('view')) ?? usual;
  return [view, next => change({ view: next })];
}

/** Graph or list; a run has times, too. */
export function ViewChoice(props: {
  view: View;
  timed?: boolean;
  onChange(view: View): void;
}) {
  const { view, timed, onChange } = props;
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
      {timed && (
        <ToggleButton id="timeline">{t('pipeline.asTimeline')}</ToggleButton>
      )}
    </ToggleButtonGroup>
  );
}
