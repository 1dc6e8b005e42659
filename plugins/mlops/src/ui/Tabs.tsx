import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import styles from './Tabs.module.css';

/** Tabs within a page; arrow keys move between them. */
export function Tabs(props: {
  label: string;
  tabs: { id: string; title: string }[];
  active: string;
  onChange(id: string): void;
  children: ReactNode;
}) {
  const { label, tabs, active, onChange, children } = props;
  const panel = useId();
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = tabs.findIndex(tab => tab.id === active);
    const next = (at + step + tabs.length) % tabs.length;
    onChange(tabs[next].id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div>
      {/* eslint-disable-next-line jsx-a11y/interactive-supports-focus */}
      <div
        ref={list}
        className={styles.tabs}
        role="tablist"
        aria-label={label}
        onKeyDown={move}
      >
        {tabs.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${panel}-${id}`}
            aria-selected={id === active}
            aria-controls={panel}
            tabIndex={id === active ? 0 : -1}
            onClick={() => onChange(id)}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={panel} aria-labelledby={`${panel}-${active}`}>
        {children}
      </div>
    </div>
  );
}
