import type { PromotionPreview } from '@backstage-mlops/mlops-core';
import { versionFileRoute } from '../api/MlopsClient';
import { useText } from '../translation';
import { Note, Panel } from '../ui/Panel';
import { Gallery } from '../ui/Picture';
import { Table } from '../ui/Table';

/** Inputs where champion and candidate answer differently: pictures where there are some, else rows. */
export function Disagreements({ preview }: { preview: PromotionPreview }) {
  const { champion, disagreement, disagreements } = preview;
  const t = useText();
  if (!champion || champion.version === preview.candidate.version) return null;
  const pictures = disagreements.filter(({ path }) => path !== undefined);
  const others = disagreements.filter(({ path }) => path === undefined);
  const { inputs = 0, different = 0 } = disagreement ?? {};
  const note = !disagreement
    ? t('promote.notKept')
    : inputs === 0
    ? t('promote.notAsked')
    : different === 0
    ? t('promote.agree', { inputs: String(inputs) })
    : t('promote.disagreeNote', { count: different, inputs: String(inputs) });
  return (
    <Panel title={t('promote.disagree')}>
      <Note>{note}</Note>
      {pictures.length > 0 && (
        <Gallery
          items={pictures.map(item => {
            const { truth, champion: before, candidate } = item;
            const text = t('promote.disagreement', {
              truth,
              champion: before,
              candidate,
            });
            return {
              key: item.id,
              from: versionFileRoute(
                {
                  project: preview.project,
                  model: preview.model,
                  version: item.version!,
                },
                item.path!,
              ),
              alt: text,
              caption: text,
            };
          })}
        />
      )}
      {others.length > 0 && (
        <Table
          cards
          tall
          label={t('promote.disagree')}
          columns={[
            t('promote.input'),
            t('promote.truth'),
            t('promote.before'),
            t('promote.now'),
          ]}
          rows={others.map(item => ({
            key: item.id,
            cells: [
              item.note ?? item.id,
              item.truth,
              item.champion,
              item.candidate,
            ],
          }))}
        />
      )}
    </Panel>
  );
}
