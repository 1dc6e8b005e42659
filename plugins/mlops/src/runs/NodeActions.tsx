import { useApi } from '@backstage/core-plugin-api';
import { Button, ButtonLink } from '@backstage/ui';
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import type { Run } from '@backstage-mlops/mlops-core';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { newKey } from '../api/newKey';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { Inline } from '../ui/Page';
import { Judged } from '../ui/State';
import { RetryButton } from './RetryButton';
import { useAction } from '../ui/useAction';
import { isOver } from './runSentence';

/** A stage by hand: one step of a run that is over, alone or with all that comes after it. */
export function NodeActions(props: {
  run: Run;
  node: NodeStatus;
  onChange(): void;
}) {
  const { run, node, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const navigate = useNavigate();
  const { act, busy, fault } = useAction();
  if (node.type !== 'Pod' || !node.templateName) return null;
  const change = run.file && (
    <ButtonLink
      variant="secondary"
      href={links.newChange(run.project, run.pipeline, {
        template: node.templateName,
      })}
    >
      {t('node.change')}
    </ButtonLink>
  );
  if (!isOver(run)) return <Inline>{change}</Inline>;
  const only = () =>
    act(async () => {
      const alone = await api.submitRun(
        {
          project: run.project,
          pipeline: run.pipeline,
          ref: run.commit,
          parameters: Object.fromEntries(
            run.parameters.map(({ name, value }) => [name, value]),
          ),
          entrypoint: node.templateName,
          reuse: { run: run.id, nodes: [node.id] },
        },
        newKey(),
      );
      navigate(links.run(alone.id));
    });
  return (
    <Inline>
      {run.allowed?.create !== false && run.file && (
        <Button variant="secondary" isDisabled={busy} onPress={only}>
          {t('run.onlyStep')}
        </Button>
      )}
      {run.allowed?.control !== false && (
        <RetryButton run={run} node={node.id} onChange={onChange} />
      )}
      {change}
      {fault && <Judged as="bad">{fault}</Judged>}
    </Inline>
  );
}
