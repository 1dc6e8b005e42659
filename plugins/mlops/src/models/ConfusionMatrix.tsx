import type { EvaluationReport } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { Panel } from '../ui/Panel';
import styles from './ConfusionMatrix.module.css';

type Matrix = NonNullable<EvaluationReport['confusionMatrix']>;

/** Counts by truth and answer, each with its share of the row. */
export function ConfusionMatrix({ matrix }: { matrix: Matrix }) {
  const t = useText();
  const { labels, counts } = matrix;
  return (
    <Panel title={t('version.matrix')}>
      <div
        className={styles.frame}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="group"
        aria-label={t('version.matrix')}
      >
        <table className={styles.matrix}>
          <caption>{t('version.matrixNote')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('version.truth')}</th>
              {labels.map(label => (
                <th key={label} scope="col">
                  {t('version.answered', { label })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, row) => (
              <MatrixRow
                key={label}
                label={label}
                labels={labels}
                counts={counts[row] ?? []}
              />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function MatrixRow(props: {
  label: string;
  labels: string[];
  counts: number[];
}) {
  const { label, labels, counts } = props;
  const t = useText();
  const sum = counts.reduce((a, b) => a + b, 0) || 1;
  return (
    <tr>
      <th scope="row">{label}</th>
      {labels.map((answer, column) => {
        const count = counts[column] ?? 0;
        const share = Math.round((count / sum) * 100);
        return (
          <td
            key={answer}
            className={answer === label ? styles.right : styles.wrong}
            style={{ ['--share' as string]: `${Math.round(share * 0.45)}%` }}
          >
            <strong>{count}</strong>
            <span>{t('version.share', { share: String(share) })}</span>
          </td>
        );
      })}
    </tr>
  );
}
