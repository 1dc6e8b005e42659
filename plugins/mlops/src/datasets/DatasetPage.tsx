import { useApi } from '@backstage/core-plugin-api';
import type { DatasetDetail } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Columns, Page } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { About, DigestHistory, SchemaTable } from './DatasetFacts';
import { DatasetReportView } from './DatasetReportView';

/** What the newest verification saw of a dataset. */
export function DatasetPage(props: { project: string; name: string }) {
  const { project, name } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const dataset = useResource({
    key: `dataset ${project} ${name}`,
    load: () => api.getDataset(project, name),
    againMs: () => listAgainMs,
  });
  return (
    <Fetched isPage of={dataset} what={t('what.dataset')}>
      {value => (
        <Page
          title={value.title ?? name}
          description={value.description}
          crumbs={[
            { label: t('title'), href: links.home() },
            { label: project, href: links.project(project) },
          ]}
        >
          <Columns
            main={<Seen dataset={value} />}
            side={
              <>
                <About dataset={value} />
                <SchemaTable schema={value.schema} />
                <DigestHistory history={value.history} />
              </>
            }
          />
        </Page>
      )}
    </Fetched>
  );
}

function Seen({ dataset }: { dataset: DatasetDetail }) {
  const t = useText();
  if (dataset.report)
    return <DatasetReportView dataset={dataset} report={dataset.report} />;
  return (
    <Panel title={t('dataset.unseenTitle')}>
      <Note>{t('dataset.unseen')}</Note>
    </Panel>
  );
}
