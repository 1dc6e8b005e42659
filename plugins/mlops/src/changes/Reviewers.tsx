import { Alert } from '@backstage/ui';
import type { Change } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { nameOf } from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import styles from './Change.module.css';
import { lastVerdict } from './changeSentence';

const tones = {
  approved: 'good',
  'changes-requested': 'bad',
  commented: 'quiet',
  none: 'quiet',
} as const;

/** Who was asked or is needed, and what each said last. */
export function Reviewers({ change }: { change: Change }) {
  const { reviewers, requiredReviewers, reviews, head } = change;
  const t = useText();
  const people = [
    ...new Set([
      ...requiredReviewers,
      ...reviewers,
      ...reviews.map(({ by }) => by),
    ]),
  ];
  return (
    <Panel title={t('change.reviewers')}>
      {people.length === 0 && <Note>{t('change.noReviewers')}</Note>}
      <ul className={styles.list}>
        {people.map(ref => {
          const review = lastVerdict(change, ref);
          const verdict = review?.verdict ?? 'none';
          return (
            <li key={ref} className={styles.row}>
              <span>
                <strong>{nameOf(ref)}</strong>
                {requiredReviewers.includes(ref) && (
                  <Judged as="quiet"> {t('change.required')}</Judged>
                )}
              </span>
              <Judged as={tones[verdict]}>
                {t(`change.reviewState.${verdict}`)}
                {review && review.commit !== head && ` ${t('change.older')}`}
              </Judged>
            </li>
          );
        })}
      </ul>
      {change.state === 'open' && requiredReviewers.length > 0 && (
        <OwnersNote mayApprove={change.allowed.approveAsOwner} />
      )}
    </Panel>
  );
}

/** Whose approval counts; to an owner who may give none, that this is so. */
function OwnersNote({ mayApprove }: { mayApprove?: boolean }) {
  const t = useText();
  const right = <Code>mlops.change.review</Code>;
  return mayApprove === false ? (
    <Alert
      status="warning"
      icon
      title={t('change.ownerWithoutRight', { right })}
    />
  ) : (
    <Note>{t('change.ownersRight', { right })}</Note>
  );
}
