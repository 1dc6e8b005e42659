/**
 * TensorFlow.js for steps and servers: native binding or WebAssembly with the missing training kernels.
 *
 * @packageDocumentation
 */
export { loadTensorflow } from './loadTensorflow.ts';
export type {
  Backend,
  LoadedTensorflow,
  Tensorflow,
} from './loadTensorflow.ts';
export { loadModel, saveModel, weightsDigest } from './modelFiles.ts';
export { seededRandom, seededShuffle } from './random.ts';
