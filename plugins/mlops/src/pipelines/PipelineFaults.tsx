import type { Problem } from '@backstage-mlops/argo-engine';
import { Alert } from '@backstage/ui';
import { useText } from '../translation';
import { To } from '../ui/To';

/** Why a pipeline cannot run, each fault with a link to its line. */
export function PipelineFaults(props: {
  problems: Problem[];
  linkTo(line: number): string;
}) {
  const t = useText();
  const faults = props.problems.filter(item => item.severity === 'error');
  if (faults.length === 0) return null;
  return (
    <Alert
      status="danger"
      icon
      title={t('pipeline.cannotRun')}
      description={
        <>
          {faults.map(({ line, column, message }) => (
            <div key={`${line}:${column}:${message}`}>
              <To href={props.linkTo(line)}>
                {t('pipeline.line', { line: String(line) })}
              </To>
              : {message}
            </div>
          ))}
        </>
      }
    />
  );
}
