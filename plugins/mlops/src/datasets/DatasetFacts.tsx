import type { DatasetDetail } from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { plainFigure, shortDigest } from '../ui/figures';
import { Code, Facts, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { When } from '../ui/When';

/** Where the data come from and what may be done with them. */
export function About({ dataset }: { dataset: DatasetDetail }) {
  const t = useText();
  const links = useLinks();
  const { report, runId, splits } = dataset;
  return (
    <Panel title={t('dataset.about')}>
      <Facts
        items={[
          [
            t('dataset.sources'),
            dataset.sources.map(({ name, description }) => (
              <div key={name}>
                {description ? `${name}: ${description}` : name}
              </div>
            )),
          ],
          [t('dataset.licence'), dataset.licence],
          [
            t('dataset.splits'),
            splits &&
              Object.entries(splits)
                .map(([split, share]) => `${split} ${plainFigure(share)}`)
                .join(', '),
          ],
          [t('dataset.declared'), dataset.declaredChecks.join(', ')],
          [
            t('dataset.seenBy'),
            runId && <To href={links.run(runId)}>{runId}</To>,
          ],
          [
            t('dataset.digest'),
            report && <Code whole>{shortDigest(report.digest)}</Code>,
          ],
        ]}
      />
    </Panel>
  );
}

/** The fields that the dataset's file declares. */
export function SchemaTable({ schema }: { schema: DatasetDetail['schema'] }) {
  const t = useText();
  if (schema.length === 0) return null;
  const told = schema.some(({ description }) => description);
  return (
    <Panel title={t('dataset.schema')}>
      <Table
        label={t('dataset.schema')}
        columns={[
          t('dataset.field'),
          t('dataset.type'),
          ...(told ? [t('dataset.meaning')] : []),
        ]}
        rows={schema.map(({ name, type, unit, description }) => ({
          key: name,
          cells: [name, unit ? `${type}, ${unit}` : type, told && description],
        }))}
      />
    </Panel>
  );
}

/** Digests that runs saw, newest first. */
export function DigestHistory(props: { history: DatasetDetail['history'] }) {
  const t = useText();
  const links = useLinks();
  if (props.history.length === 0) return null;
  return (
    <Panel title={t('dataset.history')}>
      <Table
        label={t('dataset.history')}
        columns={[
          t('dataset.digest'),
          { title: t('dataset.rows'), figures: true },
          t('dataset.run'),
          t('dataset.when'),
        ]}
        rows={props.history.map(({ digest, rows, runId, createdAt }) => ({
          key: `${digest} ${createdAt}`,
          cells: [
            <Code whole>{shortDigest(digest)}</Code>,
            rows,
            runId && <To href={links.run(runId)}>{runId}</To>,
            <When at={createdAt} />,
          ],
        }))}
      />
    </Panel>
  );
}
