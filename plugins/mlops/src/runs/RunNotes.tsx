import { Alert } from '@backstage/ui';
import { useText } from '../translation';

/** More than these would push the steps out of sight. */
const mostNotes = 2;

/** What a run tells beside its end: remarks on its file, limits that this machine does not hold. */
export function RunNotes({ notes = [] }: { notes?: string[] }) {
  const t = useText();
  if (notes.length <= mostNotes)
    return notes.map(note => (
      <Alert key={note} status="warning" icon title={note} />
    ));
  const [first, ...others] = notes;
  return (
    <Alert
      status="warning"
      icon
      title={first}
      description={
        <details>
          <summary>{t('run.moreNotes', { count: others.length })}</summary>
          <ul>
            {others.map(note => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </details>
      }
    />
  );
}
