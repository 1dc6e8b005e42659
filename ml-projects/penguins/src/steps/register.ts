/* Registers the chosen candidate as the next version of the model. */
import { fromEnvironment } from '@backstage-mlops/mlops-client';
import { writeText } from '../data/files.ts';
import { readOptions } from '../options.ts';

const { model, run, out } = readOptions({
  model: undefined,
  run: undefined,
  out: undefined,
});
const { name, version, digest } = await fromEnvironment().registerModel({
  model,
  runId: run,
  artifactPath: `models/${model}`,
});
console.log(`${name} version ${version}${digest ? ` (${digest})` : ''}`);
writeText(out, version);
