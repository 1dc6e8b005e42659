import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import type { ReactNode } from 'react';
import { useQuery } from '../../routing';
import { useText } from '../../translation';
import { Panel } from '../../ui/Panel';
import styles from './Editor.module.css';

/** A part of an editor. */
export interface Pane {
  /** Stands in the address. */
  id: string;
  title: string;
  content: ReactNode;
}

/** Three parts beside each other; where there is no room, one at a time, and the address says which. */
export function Panes(props: {
  panes: Pane[];
  /** The one that is seen where there is no room for all, unless the address says another; the first by default. */
  shown?: string;
}) {
  const { panes, shown } = props;
  const t = useText();
  const [query, change] = useQuery();
  const chosen = (
    panes.find(({ id }) => id === query.get('pane')) ??
    panes.find(({ id }) => id === shown) ??
    panes[0]
  ).id;
  return (
    <div className={styles.whole}>
      <ToggleButtonGroup
        className={styles.choice}
        aria-label={t('editor.panes')}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={[chosen]}
        onSelectionChange={keys => change({ pane: String([...keys][0]) })}
      >
        {panes.map(({ id, title }) => (
          <ToggleButton key={id} id={id}>
            {title}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className={styles.panes}>
        {panes.map(({ id, title, content }) => (
          <div
            key={id}
            className={`${styles.pane} ${id === chosen ? styles.chosen : ''}`}
          >
            <Panel title={title}>{content}</Panel>
          </div>
        ))}
      </div>
    </div>
  );
}
