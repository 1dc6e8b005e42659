import type { PipelineParameter } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { Code, Note } from '../ui/Panel';
import styles from './ParameterFacts.module.css';

/** What a person may set before a run, with what it is otherwise. */
export function ParameterFacts(props: { parameters: PipelineParameter[] }) {
  const t = useText();
  if (props.parameters.length === 0)
    return <Note>{t('pipeline.noParameters')}</Note>;
  return (
    <dl className={styles.parameters}>
      {props.parameters.map(item => (
        <div key={item.name}>
          <dt>
            {item.name}{' '}
            <Code>{item.value ?? item.default ?? t('pipeline.required')}</Code>
          </dt>
          <dd>
            {[
              item.description,
              item.enum &&
                t('pipeline.oneOf', { values: item.enum.join(', ') }),
            ]
              .filter(Boolean)
              .join(' ')}
          </dd>
        </div>
      ))}
    </dl>
  );
}
