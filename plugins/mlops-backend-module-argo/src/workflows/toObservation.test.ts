import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { KubeObject } from '../kube/ListWatch';
import { toObservation } from './toObservation';

const object = (status: object, spec: object = {}): KubeObject => ({
  metadata: { name: 'w', uid: 'u', resourceVersion: '7' },
  spec,
  status,
});
const nodes = {
  w: { id: 'w', name: 'w', displayName: 'w', type: 'Pod', phase: 'Running' },
};

describe('what a Workflow object says', () => {
  it('is pending before the controller saw it', () => {
    expect(toObservation(object({}))).toEqual({
      version: 'u/7',
      state: expect.objectContaining({ phase: 'Pending', nodes: {} }),
    });
  });

  const packed = (pack: (bytes: Buffer) => Buffer) => ({
    compressedNodes: pack(Buffer.from(JSON.stringify(nodes))).toString(
      'base64',
    ),
  });
  it.each<[string, object]>([
    ['plain', { nodes }],
    ['gzip', packed(gzipSync)],
    ['zstd', packed(zstdCompressSync)],
    ['brotli', packed(brotliCompressSync)],
  ])('has its nodes: %s', (_name, status) => {
    const { state } = toObservation(object({ phase: 'Running', ...status }));
    expect(state.nodes.w).toMatchObject({ phase: 'Running', children: [] });
  });

  it('says when its nodes lie in another database', () => {
    const seen = toObservation(
      object({ phase: 'Running', offloadNodeStatusVersion: 'fnv:1' }),
    );
    expect(seen.nodesMissing).toMatch(/database of Argo/);
  });

  it('tells that it is suspended', () => {
    expect(
      toObservation(object({ phase: 'Running' }, { suspend: true })).state
        .suspended,
    ).toBe(true);
  });
});
