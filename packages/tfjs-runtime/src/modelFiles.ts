/*
 * Our own files of a model: `model.json` (topology and the list of weights) and `weights.bin`. They are loaded from memory; no path
 * inside the JSON is followed, and sizes are bounded before anything is built.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Tensorflow } from './loadTensorflow.ts';

type LayersModel = import('@tensorflow/tfjs-layers').LayersModel;
type ModelArtifacts = import('@tensorflow/tfjs-core').io.ModelArtifacts;

const limits = {
  topologyBytes: 8 * 1024 * 1024,
  weightBytes: 512 * 1024 * 1024,
};

/** Writes a model into a folder and gives the digest of its weights. */
export async function saveModel(
  tf: Tensorflow,
  model: LayersModel,
  folder: string,
): Promise<string> {
  let artifacts: ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async taken => {
      artifacts = taken;
      return {
        modelArtifactsInfo: {
          dateSaved: new Date(0),
          modelTopologyType: 'JSON',
        },
      };
    }),
  );
  const weights = bytesOf(artifacts!.weightData!);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'weights.bin'), weights);
  await writeFile(
    path.join(folder, 'model.json'),
    JSON.stringify({
      modelTopology: artifacts!.modelTopology,
      weightSpecs: artifacts!.weightSpecs,
    }),
  );
  return digest(weights);
}

/** Reads a model that `saveModel` wrote. Throws when the files are larger than a model may be or do not fit each other. */
export async function loadModel(
  tf: Tensorflow,
  folder: string,
): Promise<LayersModel> {
  const [topology, weights] = await Promise.all([
    readFile(path.join(folder, 'model.json')),
    readFile(path.join(folder, 'weights.bin')),
  ]);
  if (
    topology.length > limits.topologyBytes ||
    weights.length > limits.weightBytes
  )
    throw new Error('The model is larger than a model may be.');
  const { modelTopology, weightSpecs } = JSON.parse(topology.toString('utf8'));
  const count = (weightSpecs as { shape: number[] }[]).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  if (count * 4 !== weights.length)
    throw new Error(
      `The model names ${count} weights, but weights.bin holds ${
        weights.length / 4
      }.`,
    );
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs,
      weightData: new Uint8Array(weights).buffer,
    }),
  );
}

/** sha256 of all weights of a model, in order. */
export function weightsDigest(model: LayersModel): string {
  const hash = createHash('sha256');
  for (const weight of model.getWeights()) {
    const data = weight.dataSync();
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

function bytesOf(data: ArrayBuffer | ArrayBuffer[]): Uint8Array {
  return Array.isArray(data)
    ? Buffer.concat(data.map(part => new Uint8Array(part)))
    : new Uint8Array(data);
}

const digest = (bytes: Uint8Array) =>
  createHash('sha256').update(bytes).digest('hex');
