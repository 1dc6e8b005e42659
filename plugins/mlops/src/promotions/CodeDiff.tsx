import type { PromotionPreview } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { DiffText } from '../ui/DiffText';
import { shortCommit } from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';

/** What differs in the project's files between the commits of the two versions. */
export function CodeDiff({ preview }: { preview: PromotionPreview }) {
  const { codeDiff, champion } = preview;
  const t = useText();
  if (!champion) return null;
  return (
    <Panel title={t('promote.code')}>
      {codeDiff ? (
        <>
          <Note>
            {t('promote.codeNote', {
              count: codeDiff.commits,
              from: shortCommit(codeDiff.from),
              to: shortCommit(codeDiff.to),
            })}
          </Note>
          {codeDiff.files.map(({ path, diff }) => (
            <details key={path}>
              <summary>
                <Code>{path}</Code>
              </summary>
              <DiffText label={path} diff={diff} />
            </details>
          ))}
        </>
      ) : (
        <Note>{t('promote.sameCode')}</Note>
      )}
    </Panel>
  );
}
