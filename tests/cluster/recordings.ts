/* Recorded runs of a real controller, and what a run of the portal must say when one of them is played on the small cluster. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const golden = path.resolve(
  import.meta.dirname,
  '../../../shared/argo-golden/runs',
);

export interface Recording {
  name: string;
  manifest: { spec: Record<string, any> };
  recorded: Record<string, any>;
}

/** Every recorded workflow that came to an end. */
export function recordings(): Recording[] {
  return fs
    .readdirSync(golden)
    .filter(file => file.endsWith('.json'))
    .flatMap(file => {
      const { workflows } = JSON.parse(
        fs.readFileSync(path.join(golden, file), 'utf8'),
      );
      const manifests = parseAllDocuments(
        fs.readFileSync(
          path.join(golden, file.replace('.json', '.yaml')),
          'utf8',
        ),
        { version: '1.1' },
      ).map(document => document.toJS());
      return workflows
        .filter(
          ({ refused, oracleTimeout, nodes = [] }: Record<string, any>) =>
            !refused && !oracleTimeout && nodes.length > 0,
        )
        .flatMap((recorded: Record<string, any>) => {
          const manifest = manifests.find(
            item => item?.metadata?.name === recorded.name,
          );
          return manifest ? [{ name: recorded.name, manifest, recorded }] : [];
        });
    });
}

/** Fails with the first field in which a run differs from its recording. */
export function assertSameTree(
  run: Record<string, any>,
  { name, recorded }: Recording,
): void {
  const nodes: Record<string, any> = run.nodes;
  const names = new Map(Object.values(nodes).map(node => [node.id, node.name]));
  const same = (what: string, ours: unknown, theirs: unknown) =>
    assert.deepEqual(ours, theirs, `${name}: ${what}`);
  same('phase', run.phase, recorded.phase);
  same('message', run.message ?? '', recorded.message ?? '');
  same(
    'nodes',
    [...names.values()].sort(),
    recorded.nodes.map((node: any) => node.name).sort(),
  );
  for (const wanted of recorded.nodes) {
    const node = nodes[wanted.id];
    for (const field of [
      'name',
      'displayName',
      'type',
      'phase',
      'message',
      'templateName',
      'templateRef',
      'inputs',
      'outputs',
      'nodeFlag',
    ])
      same(`${wanted.name}.${field}`, node[field], wanted[field]);
    same(
      `${wanted.name}.children`,
      node.children.map((id: string) => names.get(id) ?? `?${id}`),
      wanted.children ?? [],
    );
    same(
      `${wanted.name}.boundary`,
      names.get(node.boundaryID),
      wanted.boundary,
    );
  }
}
