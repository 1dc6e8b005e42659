import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
} from '@backstage/ui';
import { useEffect, useState } from 'react';
import { useHref, useLocation, useNavigate } from 'react-router-dom';
import { useText } from '../../translation';

/** Asks before an edit that is not proposed is left: by a link, by closing or reloading the tab. */
export function LeaveGuard({ when }: { when: boolean }) {
  const t = useText();
  const navigate = useNavigate();
  // Where the app is mounted below its host, which links carry and the router does not.
  const mounted = useHref('/').replace(/\/$/, '');
  const here = useHref(useLocation().pathname);
  const [to, setTo] = useState<string>();
  useEffect(() => {
    if (!when) return undefined;
    const warn = (event: BeforeUnloadEvent) => {
      event.preventDefault();
      // Older browsers ask only when there is a value.
      event.returnValue = true;
    };
    const ask = (event: MouseEvent) => {
      const href = leavingHref(event, here);
      if (href === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      setTo(href);
    };
    window.addEventListener('beforeunload', warn);
    document.addEventListener('click', ask, true);
    return () => {
      window.removeEventListener('beforeunload', warn);
      document.removeEventListener('click', ask, true);
    };
  }, [when, here]);
  return (
    <Dialog
      isOpen={to !== undefined}
      onOpenChange={open => open || setTo(undefined)}
    >
      <DialogHeader>{t('editor.leaveTitle')}</DialogHeader>
      <DialogBody>{t('editor.leaveText')}</DialogBody>
      <DialogFooter>
        <Button
          variant="primary"
          onPress={() => {
            setTo(undefined);
            navigate(to!.slice(mounted.length));
          }}
        >
          {t('editor.leave')}
        </Button>
        <Button variant="secondary" onPress={() => setTo(undefined)}>
          {t('editor.stay')}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

/** Where a click would lead within the portal; undefined for one that leaves this page where it is. */
function leavingHref(event: MouseEvent, here: string): string | undefined {
  const link = (event.target as Element | null)?.closest?.('a');
  const opensElsewhere =
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey;
  if (!link?.href || opensElsewhere || link.target === '_blank')
    return undefined;
  const { origin, pathname, search, hash } = new URL(
    link.href,
    window.location.href,
  );
  if (origin !== window.location.origin) return undefined;
  if (pathname === new URL(here, window.location.href).pathname)
    return undefined;
  return `${pathname}${search}${hash}`;
}
