import { useText } from '../translation';
import { agoText, durationText, elapsedMs } from './time';

/** How long ago something was; the exact time on hover. */
export function When({ at }: { at: string }) {
  const t = useText();
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {agoText(t, at)}
    </time>
  );
}

/** A time as the reader's place writes it. */
export function ExactTime({ at }: { at: string }) {
  return <time dateTime={at}>{new Date(at).toLocaleString()}</time>;
}

/** How long something took, or takes until now. */
export function Took({ from, to }: { from?: string; to?: string }) {
  const t = useText();
  if (!from) return <>{t('time.none')}</>;
  return <>{durationText(t, elapsedMs(from, to))}</>;
}
