/* Registers the model as its next version. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { readOptions } from '../options.ts';

const { model } = readOptions(['model']);
const { name, version } = await fromEnvironment().registerModel({
  model,
  artifactPath: `models/${model}`,
});
console.log(`${name} version ${version}`);
