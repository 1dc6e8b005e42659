import type { NodeStatus, Parameter } from '@backstage-mlops/argo-engine';
import { ArtifactView } from '../artifacts/ArtifactView';
import { shortName } from '../pipelines/round';
import { useLinks, useQuery, useQueryLink } from '../routing';
import { useText } from '../translation';
import { Inline } from '../ui/Page';
import { Code, Facts, Note, Panel } from '../ui/Panel';
import { Judged, State } from '../ui/State';
import { Table } from '../ui/Table';
import { Tabs } from '../ui/Tabs';
import { To } from '../ui/To';
import { ExactTime, Took } from '../ui/When';
import { LogView } from './LogView';

const isBad = ({ phase }: NodeStatus) =>
  phase === 'Failed' || phase === 'Error';
/** A longer value is cut; it stands whole in the answer of the API. */
const longestValue = 4_000;

type TabId = 'log' | 'values' | 'files' | 'facts';

/** Everything about one step: its log, what it took and gave, its files. */
export function NodePanel(props: {
  run: string;
  node: NodeStatus;
  /** All attempts of the step, when it was tried again. */
  attempts?: NodeStatus[];
}) {
  const { run, node, attempts = [] } = props;
  const t = useText();
  const [query, change] = useQuery();
  const tabs = tabsOf(node);
  const active = tabs.find(id => id === query.get('tab')) ?? tabs[0];
  return (
    <Panel
      title={shortName(node.displayName)}
      actions={<State phase={node.phase} />}
    >
      {attempts.length > 1 && <Attempts node={node} attempts={attempts} />}
      {node.message &&
        (isBad(node) ? (
          <p>
            <Judged as="bad">{node.message}</Judged>
          </p>
        ) : (
          <Note>{node.message}</Note>
        ))}
      <TakenOver node={node} />
      <Tabs
        label={t('node.tabs')}
        tabs={tabs.map(id => ({ id, title: t(`node.${id}`) }))}
        active={active}
        onChange={tab => change({ tab, node: node.id }, 'step')}
      >
        <TabContent run={run} node={node} tab={active} />
      </Tabs>
    </Panel>
  );
}

/** A result of an earlier run: nothing ran here, so nothing was printed. */
function TakenOver({ node }: { node: NodeStatus }) {
  const t = useText();
  const links = useLinks();
  const from = node.memoizationStatus?.fromRun;
  if (!from) return null;
  return (
    <Note>
      {t('node.takenOver')} <To href={links.run(from)}>{from}</To>
    </Note>
  );
}

/** Each attempt has a log and values of its own. */
function Attempts(props: { node: NodeStatus; attempts: NodeStatus[] }) {
  const t = useText();
  const link = useQueryLink();
  return (
    <Inline>
      {props.attempts.map((attempt, index) =>
        attempt.id === props.node.id ? (
          <strong key={attempt.id}>
            {t('node.attempt', { number: String(index + 1) })}
          </strong>
        ) : (
          <To key={attempt.id} href={link({ node: attempt.id })}>
            {t('node.attempt', { number: String(index + 1) })}
          </To>
        ),
      )}
    </Inline>
  );
}

/** A tab is there when it has something to show. */
function tabsOf(node: NodeStatus): TabId[] {
  return [
    ...(node.type === 'Pod' ? (['log'] as const) : []),
    ...(valuesOf(node).length > 0 ? (['values'] as const) : []),
    ...(filesOf(node).length > 0 ? (['files'] as const) : []),
    'facts',
  ];
}

function TabContent(props: { run: string; node: NodeStatus; tab: TabId }) {
  const { run, node, tab } = props;
  switch (tab) {
    case 'log':
      return (
        <LogView
          run={run}
          node={{
            id: node.id,
            failed: isBad(node),
            begun: node.phase !== 'Pending',
          }}
        />
      );
    case 'values':
      return <Values node={node} />;
    case 'files':
      return <Files run={run} node={node} />;
    case 'facts':
      return <NodeFacts node={node} />;
    default:
      return tab satisfies never;
  }
}

type Side = 'input' | 'output';

function valuesOf({ inputs, outputs }: NodeStatus) {
  const given = (side: Side) => (item: Parameter) => ({
    side,
    name: item.name,
    value: item.value ?? '',
  });
  const result =
    outputs?.result === undefined
      ? []
      : [{ side: 'output' as const, name: 'result', value: outputs.result }];
  return [
    ...(inputs?.parameters ?? []).map(given('input')),
    ...(outputs?.parameters ?? []).map(given('output')),
    ...result,
  ];
}

function Values({ node }: { node: NodeStatus }) {
  const t = useText();
  return (
    <Table
      label={t('node.values')}
      columns={[t('node.side'), t('node.name'), t('node.value')]}
      rows={valuesOf(node).map(({ side, name, value }) => ({
        key: `${side} ${name}`,
        cells: [
          t(`node.${side}`),
          name,
          <Code>{value.slice(0, longestValue)}</Code>,
        ],
      }))}
    />
  );
}

/** Files with bytes in the store; the project's source, which git has, is not one of them. */
function filesOf({ inputs, outputs }: NodeStatus) {
  const stored = (side: Side, all = inputs?.artifacts) =>
    (all ?? [])
      .filter(artifact => !artifact.git)
      .map(artifact => ({ side, artifact }));
  return [...stored('output', outputs?.artifacts), ...stored('input')];
}

function Files({ run, node }: { run: string; node: NodeStatus }) {
  const t = useText();
  const files = filesOf(node);
  return (
    <>
      {files.map(({ side, artifact }) => (
        <ArtifactView
          key={`${side} ${artifact.name}`}
          run={run}
          node={node.id}
          artifact={artifact}
          side={t(`node.${side}`)}
          open={files.length === 1}
        />
      ))}
    </>
  );
}

function NodeFacts({ node }: { node: NodeStatus }) {
  const t = useText();
  const links = useLinks();
  const { startedAt, finishedAt } = node;
  return (
    <Facts
      items={[
        [t('node.step'), <Code>{node.name}</Code>],
        [t('node.template'), node.templateName],
        [t('node.type'), node.type],
        [t('node.began'), startedAt && <ExactTime at={startedAt} />],
        [t('node.ended'), finishedAt && <ExactTime at={finishedAt} />],
        [t('node.took'), <Took from={startedAt} to={finishedAt} />],
        [t('node.exitCode'), node.outputs?.exitCode],
        [
          t('run.fromRun'),
          node.memoizationStatus?.fromRun && (
            <To href={links.run(node.memoizationStatus.fromRun)}>
              {node.memoizationStatus.fromRun}
            </To>
          ),
        ],
      ]}
    />
  );
}
