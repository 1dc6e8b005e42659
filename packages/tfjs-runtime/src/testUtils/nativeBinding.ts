import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Whether the addon lies in its place. It is not loaded: one that is there and does not load is a fault. */
export function nativeBindingIsThere(): boolean {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      '@tensorflow/tfjs-node/package.json',
    );
    return existsSync(
      path.join(path.dirname(manifest), 'lib/napi-v8/tfjs_binding.node'),
    );
  } catch {
    return false;
  }
}
