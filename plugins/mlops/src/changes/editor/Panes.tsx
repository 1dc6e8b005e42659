import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import type { ReactNode } from 'react';
import { useQuery } from '../../routing';
import { useText } from '../../translation';
import { Panel } from '../../ui/Panel';
import styles from './Editor.module.css';

const paneIds = ['form', 'yaml', 'effect'] as const;
type PaneId = (typeof paneIds)[number];

/** Three parts beside each other; where there is no room, one at a time, and the address says which. */
export function Panes(props: Record<PaneId, ReactNode>) {
  const t = useText();
  const [query, change] = useQuery();
  const chosen = paneIds.find(id => id === query.get('pane')) ?? 'form';
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
        {paneIds.map(id => (
          <ToggleButton key={id} id={id}>
            {t(`editor.${id}`)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      <div className={styles.panes}>
        {paneIds.map(id => (
          <div
            key={id}
            className={`${styles.pane} ${id === chosen ? styles.chosen : ''}`}
          >
            <Panel title={t(`editor.${id}`)}>{props[id]}</Panel>
          </div>
        ))}
      </div>
    </div>
  );
}
