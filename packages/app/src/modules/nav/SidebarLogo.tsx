import { Link, useSidebarOpenState } from '@backstage/core-components';
import { RiNodeTree } from '@remixicon/react';
import styles from './SidebarLogo.module.css';

/** The way home: a mark, with the portal's name when the sidebar is open. */
export const SidebarLogo = () => {
  const { isOpen } = useSidebarOpenState();
  return (
    <Link
      to="/"
      underline="none"
      className={styles.logo}
      aria-label="MLOps, home"
    >
      <RiNodeTree aria-hidden size={28} />
      {isOpen && <span>MLOps</span>}
    </Link>
  );
};
