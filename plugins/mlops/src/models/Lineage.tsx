import type { ModelVersionDetail } from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { bytes, shortCommit, shortDigest } from '../ui/figures';
import { Code, Facts, Panel } from '../ui/Panel';
import { To } from '../ui/To';
import { ExactTime } from '../ui/When';

/** From the data over the run and its commit to the version; each a link. */
export function Lineage({ version }: { version: ModelVersionDetail }) {
  const { project, dataset, runId, pipeline, commit } = version;
  const t = useText();
  const links = useLinks();
  return (
    <Panel title={t('version.lineage')}>
      <Facts
        items={[
          [
            t('version.data'),
            dataset && (
              <To href={links.dataset(project, dataset.name)}>
                {`${dataset.name} ${shortDigest(dataset.digest)}`}
              </To>
            ),
          ],
          [
            t('version.pipeline'),
            pipeline && commit && (
              <To href={links.pipeline(project, pipeline, { ref: commit })}>
                {t('version.at', { pipeline, commit: shortCommit(commit) })}
              </To>
            ),
          ],
          [t('version.run'), runId && <To href={links.run(runId)}>{runId}</To>],
          [t('version.backend'), version.backend],
          [t('version.registered'), <ExactTime at={version.createdAt} />],
          [t('version.size'), bytes(version.sizeBytes)],
          [t('version.digest'), <Code>{version.digest}</Code>],
        ]}
      />
    </Panel>
  );
}
