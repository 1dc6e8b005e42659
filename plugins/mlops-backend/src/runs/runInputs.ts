/* What a run takes over of an earlier one, known by its bytes: the same again is only the same with the same inputs. */
import type { Artifact, NodeStatus } from '@backstage-mlops/argo-engine';
import {
  ConflictError,
  type ArtifactStore,
  type RunBasis,
} from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import type { StoredRun } from './StoredRun';

/** An artifact that a run takes over, and the step that it belongs to. */
export interface TakenInput {
  node: string;
  artifact: Artifact;
}

const folderLimit = 100_000;

/** Artifacts that nodes of a run hand on: with an entrypoint the inputs of the one node, else the outputs of all that are kept. */
export function takenOver(
  { state }: Pick<StoredRun, 'state'>,
  nodes: string[],
  entrypoint?: string,
): TakenInput[] {
  const sideOf = (node: NodeStatus) =>
    entrypoint === undefined ? node.outputs : node.inputs;
  return nodes
    .flatMap(id => state.nodes[id] ?? [])
    .flatMap(node =>
      (sideOf(node)?.artifacts ?? [])
        .filter(artifact => artifact.s3?.key)
        .map(artifact => ({ node: node.displayName, artifact })),
    );
}

/** Digests of artifacts in the store. ConflictError with the name of one whose bytes are gone. */
export async function digestInputs(
  inputs: TakenInput[],
  store: ArtifactStore,
): Promise<RunBasis['inputs']> {
  return Promise.all(
    inputs.map(async ({ node, artifact }) => {
      const digest = await digestOf(artifact.s3!.key, store);
      if (!digest)
        throw new ConflictError(
          `The artifact '${artifact.name}' of '${node}' is no longer kept, so a run cannot begin from it.`,
          'input-gone',
        );
      return { node, artifact: artifact.name, digest };
    }),
  );
}

/** Throws ConflictError when steps that are to run again would get an artifact whose bytes are gone. */
export async function checkInputsKept(
  { state }: Pick<StoredRun, 'state'>,
  again: string[],
  store: ArtifactStore,
): Promise<void> {
  const nodes = again.map(id => state.nodes[id]);
  const made = new Set(
    nodes.flatMap(node =>
      (node.outputs?.artifacts ?? []).map(artifact => artifact.s3?.key),
    ),
  );
  for (const { displayName, inputs } of nodes)
    for (const { name, s3 } of inputs?.artifacts ?? [])
      if (s3?.key && !made.has(s3.key) && !(await isKept(s3.key, store)))
        throw new ConflictError(
          `The artifact '${name}' that '${displayName}' begins with is no longer kept. Name an earlier step to run again, too.`,
          'input-gone',
        );
}

const isKept = async (key: string, store: ArtifactStore): Promise<boolean> =>
  Boolean(await store.stat(key)) ||
  (await store.list(key, { limit: 1 })).length > 0;

async function digestOf(
  key: string,
  store: ArtifactStore,
): Promise<string | undefined> {
  const one = await store.stat(key);
  if (one) return one.digest;
  const files = await store.list(key, { limit: folderLimit });
  if (files.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const file of [...files].sort((a, b) => (a.key < b.key ? -1 : 1)))
    hash.update(`${file.key.slice(key.length)}\0${file.digest}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/** Throws ConflictError when an input of the same again has other bytes than it had. */
export function checkSameInputs(
  id: string,
  before: RunBasis | undefined,
  now: RunBasis | undefined,
): void {
  const found = new Map(
    now?.inputs.map(item => [`${item.node} ${item.artifact}`, item.digest]),
  );
  const changed = before?.inputs.find(
    item => found.get(`${item.node} ${item.artifact}`) !== item.digest,
  );
  if (changed)
    throw new ConflictError(
      `Run '${id}' cannot run again exactly: the artifact '${changed.artifact}' of '${changed.node}' was ${changed.digest} and is not any more.`,
      'input-changed',
    );
}
