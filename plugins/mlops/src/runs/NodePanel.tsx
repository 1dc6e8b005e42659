import { useApi } from '@backstage/core-plugin-api';
import type { Artifact, NodeStatus } from '@backstage-mlops/argo-engine';
import { useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { AuthenticatedImage } from '../ui/AuthenticatedImage';
import { bytes, duration } from '../ui/text';
import { Empty, Facts, Fetched, Panel, State, styles, Table } from '../ui/ui';
import { LogView } from './LogView';

/** Everything about one step: its log, what it took and gave, its files. */
export function NodePanel({ run, node }: { run: string; node: NodeStatus }) {
  const [query, setQuery] = useSearchParams();
  const files = [
    ...(node.outputs?.artifacts ?? []).map(artifact => ({
      side: 'output',
      artifact,
    })),
    ...(node.inputs?.artifacts ?? [])
      .filter(artifact => artifact.s3 || artifact.raw)
      .map(artifact => ({ side: 'input', artifact })),
  ];
  const values = [
    ...(node.inputs?.parameters ?? []).map(item => ['input', item] as const),
    ...(node.outputs?.parameters ?? []).map(item => ['output', item] as const),
  ];
  const tabs = [
    ...(node.type === 'Pod' ? ['log'] : []),
    ...(values.length > 0 ? ['values'] : []),
    ...(files.length > 0 ? ['files'] : []),
    'facts',
  ];
  const tab = tabs.includes(query.get('tab') ?? '')
    ? query.get('tab')!
    : tabs[0];
  const open = (name: string) =>
    setQuery(
      before => {
        const next = new URLSearchParams(before);
        next.set('tab', name);
        return next;
      },
      { replace: true },
    );
  const titles: Record<string, string> = {
    log: 'Log',
    values: 'Inputs and outputs',
    files: 'Files',
    facts: 'Facts',
  };
  return (
    <Panel title={node.displayName} actions={<State phase={node.phase} />}>
      {node.message && (
        <p
          className={
            ['Failed', 'Error'].includes(node.phase) ? styles.bad : styles.muted
          }
        >
          {node.message}
        </p>
      )}
      <div
        className={styles.tabs}
        role="tablist"
        aria-label="Parts of the step"
      >
        {tabs.map(name => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={name === tab}
            onClick={() => open(name)}
          >
            {titles[name]}
          </button>
        ))}
      </div>
      {tab === 'log' && <LogView run={run} node={node.id} />}
      {tab === 'values' && (
        <Table
          label="Inputs and outputs"
          head={['', 'Name', 'Value']}
          rows={values.map(([side, item]) => ({
            key: `${side} ${item.name}`,
            cells: [
              side,
              item.name,
              <span className={styles.mono}>
                {String(item.value ?? '').slice(0, 2000)}
              </span>,
            ],
          }))}
        />
      )}
      {tab === 'files' &&
        files.map(({ side, artifact }) => (
          <ArtifactView
            key={`${side} ${artifact.name}`}
            run={run}
            node={node.id}
            artifact={artifact}
            side={side}
          />
        ))}
      {tab === 'facts' && (
        <Facts
          items={[
            ['Step', <span className={styles.mono}>{node.name}</span>],
            ['Template', node.templateName],
            ['Type', node.type],
            ['Began', node.startedAt],
            ['Ended', node.finishedAt],
            ['Took', duration(node.startedAt, node.finishedAt)],
            ['Exit code', node.outputs?.exitCode],
          ]}
        />
      )}
    </Panel>
  );
}

const isPicture = (name: string) => /\.(png|jpe?g|gif|webp)$/i.test(name);
const isText = (name: string) => /\.(json|txt|csv|log|md|ya?ml)$/i.test(name);

function ArtifactView({
  run,
  node,
  artifact,
  side,
}: {
  run: string;
  node: string;
  artifact: Artifact;
  side: string;
}) {
  const [open, setOpen] = useState(false);
  return (
    <details open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>
        {artifact.name}{' '}
        <span className={styles.muted}>{`${side}, ${
          artifact.path ?? ''
        }`}</span>
      </summary>
      {open && (
        <Content
          run={run}
          node={node}
          name={artifact.name}
          fileName={artifact.path?.split('/').pop() ?? artifact.name}
        />
      )}
    </details>
  );
}

function Content({
  run,
  node,
  name,
  fileName,
}: {
  run: string;
  node: string;
  name: string;
  fileName: string;
}) {
  const api = useApi(mlopsApiRef);
  const route = api.artifactRoute(run, node, name);
  const text = useResource(`artifact ${route}`, () => api.readText(route));
  if (isPicture(fileName))
    return (
      <div className={styles.gallery}>
        <AuthenticatedImage route={route} alt={fileName} />
      </div>
    );
  return (
    <Fetched of={text} what="file">
      {value => {
        const entries = entriesOf(value);
        return entries ? (
          <Folder run={run} node={node} name={name} entries={entries} />
        ) : (
          <TextView name={fileName} text={value} />
        );
      }}
    </Fetched>
  );
}

function entriesOf(
  text: string,
): { path: string; sizeBytes: number }[] | undefined {
  try {
    const { entries } = JSON.parse(text);
    return Array.isArray(entries) &&
      entries.every(entry => typeof entry.path === 'string')
      ? entries
      : undefined;
  } catch {
    return undefined;
  }
}

function Folder({
  run,
  node,
  name,
  entries,
}: {
  run: string;
  node: string;
  name: string;
  entries: { path: string; sizeBytes: number }[];
}) {
  const api = useApi(mlopsApiRef);
  const [chosen, setChosen] = useState<string>();
  const pictures = entries.filter(entry => isPicture(entry.path)).slice(0, 48);
  return (
    <div className={styles.stack}>
      {pictures.length > 0 && (
        <div className={styles.gallery}>
          {pictures.map(({ path }) => (
            <figure key={path}>
              <AuthenticatedImage
                route={api.artifactRoute(run, node, name, path)}
                alt={path}
              />
              {path}
            </figure>
          ))}
        </div>
      )}
      <Table
        label="Files"
        head={['File', 'Size']}
        numbers={[1]}
        rows={entries
          .filter(entry => !isPicture(entry.path))
          .slice(0, 200)
          .map(entry => ({
            key: entry.path,
            cells: [
              isText(entry.path) ? (
                <button
                  type="button"
                  className={styles.link}
                  onClick={() => setChosen(entry.path)}
                >
                  {entry.path}
                </button>
              ) : (
                entry.path
              ),
              bytes(entry.sizeBytes),
            ],
          }))}
      />
      {chosen && <FileText run={run} node={node} name={name} path={chosen} />}
    </div>
  );
}

function FileText({
  run,
  node,
  name,
  path,
}: {
  run: string;
  node: string;
  name: string;
  path: string;
}) {
  const api = useApi(mlopsApiRef);
  const route = api.artifactRoute(run, node, name, path);
  const text = useResource(`file ${route}`, () => api.readText(route));
  return (
    <Fetched of={text} what="file">
      {value => <TextView name={path} text={value} />}
    </Fetched>
  );
}

function TextView({ name, text }: { name: string; text: string }) {
  if (text === '') return <Empty>The file is empty.</Empty>;
  if (/\.csv$/i.test(name)) {
    const [head, ...rows] = text
      .trim()
      .split('\n')
      .slice(0, 101)
      .map(line => line.split(','));
    return (
      <Table
        label={name}
        head={head}
        rows={rows.map((cells, i) => ({ key: String(i), cells }))}
      />
    );
  }
  return (
    <pre className={styles.code} style={{ maxHeight: 360 }} tabIndex={0}>
      {pretty(text).slice(0, 100_000)}
    </pre>
  );
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
