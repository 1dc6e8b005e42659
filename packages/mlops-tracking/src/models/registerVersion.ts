/* A version is made: its files are copied, and a manifest says for good what they are and where they come from. */
import {
  InputError,
  NotFoundError,
  type ArtifactStore,
} from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import { maxJsonBytes, readJson } from '../artifacts/readJson';
import type { RunRow, RunStore } from '../experiments/RunStore';
import type { ModelManifest, RegistryStore, VersionRow } from './RegistryStore';

interface Stores {
  runs: RunStore;
  registry: RegistryStore;
  artifacts: ArtifactStore;
}

/** Which files become a version of which model. */
export interface NewVersion {
  registeredName: string;
  run: RunRow;
  /** Path below the artifacts of the run. */
  artifactPath: string;
  /** Key of that path in the store. */
  from: string;
  description: string;
}

/** Registers the next version of a model. NotFoundError when there is no such model, InputError when there are no files. */
export async function registerVersion(
  stores: Stores,
  { registeredName, run, artifactPath, from, description }: NewVersion,
): Promise<VersionRow> {
  const now = Date.now();
  const model = await stores.registry.find(registeredName);
  if (!model)
    throw new NotFoundError(
      `Registered Model with name=${registeredName} not found`,
      'not-found',
    );
  const files = (await stores.artifacts.list(from)).map(({ key, ...file }) => ({
    path: key.slice(from.length + 1),
    ...file,
  }));
  if (files.length === 0)
    throw new InputError(
      `The run has no files below '${artifactPath}'; log the model before it is registered.`,
      'invalid-field',
    );
  const facts = await factsOf(stores, run, from, files);
  return stores.registry.addVersion(model.id, now, async version => {
    const manifest: ModelManifest = {
      ...facts,
      model: registeredName,
      version: String(version),
      createdAt: new Date(now).toISOString(),
    };
    for (const file of files)
      await stores.artifacts.put(
        versionKey(registeredName, String(version), file.path),
        (
          await stores.artifacts.get(`${from}/${file.path}`)
        ).body,
        { replace: true },
      );
    await stores.artifacts.put(
      `models/${registeredName}/${version}/manifest.json`,
      Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
      { replace: true },
    );
    return {
      run_uuid: run.run_uuid,
      source: `mlflow-artifacts:/${run.experiment_id}/${run.run_uuid}/artifacts/${artifactPath}`,
      digest: manifest.digest,
      manifest,
      description,
    };
  });
}

async function factsOf(
  stores: Stores,
  run: RunRow,
  from: string,
  files: ModelManifest['files'],
): Promise<Omit<ModelManifest, 'model' | 'version' | 'createdAt'>> {
  const parent = run.parent_id
    ? await stores.runs.findById(run.parent_id)
    : undefined;
  const tags = Object.fromEntries(
    [
      ...(parent ? await stores.runs.tags(parent.id) : []),
      ...(await stores.runs.tags(run.id)),
    ].map(({ key, value }) => [key, value]),
  );
  const inputs = [
    ...(await stores.runs.inputs(run.id)),
    ...(parent ? await stores.runs.inputs(parent.id) : []),
  ];
  const signature = files.find(
    ({ path, sizeBytes }) =>
      path === 'signature.json' && sizeBytes <= maxJsonBytes,
  );
  return {
    apiVersion: 'backstage-mlops/v1alpha1',
    kind: 'ModelManifest',
    digest: digestOf(files),
    files,
    signature:
      signature &&
      (await readJson(
        (
          await stores.artifacts.get(`${from}/signature.json`)
        ).body,
      )),
    parameters: Object.fromEntries(
      (await stores.runs.params(run.id)).map(({ key, value }) => [key, value]),
    ),
    metrics: Object.fromEntries(
      (await stores.runs.latest(run.id))
        .filter(point => !point.is_nan)
        .map(({ key, value }) => [key, value]),
    ),
    ...(inputs[0]
      ? { dataset: { name: inputs[0].name, digest: inputs[0].digest } }
      : {}),
    commit: tags['mlops.commit'],
    trackingRunId: run.run_uuid,
    runId: tags['mlops.run'],
    backend: tags['mlops.backend'],
  };
}

/** Key of a file of a version in the store. */
export const versionKey = (name: string, version: string, path: string) =>
  `models/${name}/${version}/files/${path}`;

/** Digest over the sorted lines "digest  path" of all files, as sha256sum would print them. */
function digestOf(files: { path: string; digest: string }[]): string {
  const lines = files
    .map(({ path, digest }) => `${digest.slice('sha256:'.length)}  ${path}\n`)
    .sort();
  return `sha256:${createHash('sha256').update(lines.join('')).digest('hex')}`;
}
