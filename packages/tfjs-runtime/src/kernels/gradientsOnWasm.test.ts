import { before } from 'node:test';
import { loadTensorflow, type Tensorflow } from '../index.ts';
import { testGradients } from '../testUtils/testGradients.ts';

let tf: Tensorflow;
before(async () => {
  ({ tf } = await loadTensorflow({ prefer: 'wasm' }));
});
testGradients('wasm', () => tf);
