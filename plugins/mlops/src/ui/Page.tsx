import { Header } from '@backstage/ui';
import { useEffect, useRef, type ReactNode } from 'react';
import { useText } from '../translation';
import styles from './Page.module.css';

/** What a page shows around its content. */
export interface PageProps {
  title: string;
  description?: string;
  crumbs?: { label: string; href: string }[];
  tabs?: { id: string; label: string; href: string }[];
  activeTab?: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page with its heading; tabs and actions where it has them. */
export function Page(props: PageProps) {
  const t = useText();
  const name = t('title');
  useEffect(() => {
    document.title = props.title === name ? name : `${props.title} | ${name}`;
  }, [props.title, name]);
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const active = page.current?.querySelector('nav [aria-current="page"]');
    active?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, [props.activeTab]);
  // The title is what the whole page is called; the heading of BUI is one of a second level, whatever is above it.
  useEffect(() => {
    page.current?.querySelector('h2')?.setAttribute('aria-level', '1');
  });
  return (
    <div className={styles.page} ref={page}>
      <Header
        title={props.title}
        description={props.description}
        breadcrumbs={props.crumbs}
        tabs={props.tabs}
        activeTabId={props.activeTab}
        customActions={props.actions}
      />
      <div className={styles.content}>{props.children}</div>
    </div>
  );
}

/** Two columns that become one where there is no room: the thing itself, and what is known about it. */
export function Columns({ main, side }: { main: ReactNode; side: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>{main}</div>
      <div className={styles.stack}>{side}</div>
    </div>
  );
}

/** Parts of equal width beside each other, as many as there is room for. */
export function Tiles({ children }: { children: ReactNode }) {
  return <div className={styles.tiles}>{children}</div>;
}

/** Parts below each other. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}

/** Small parts beside each other, wrapping. */
export function Inline({ children }: { children: ReactNode }) {
  return <div className={styles.inline}>{children}</div>;
}
