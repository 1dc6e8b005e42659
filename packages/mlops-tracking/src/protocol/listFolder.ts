import type { RunRow } from '../experiments/RunStore';
import type { TrackingService } from '../TrackingService';

/** Files and folders right below a path of a run. */
export async function listFolder(
  tracking: TrackingService,
  run: RunRow,
  path: string,
) {
  const base = tracking.artifactKey(run, path);
  const entries = new Map<string, object>();
  for (const { key, sizeBytes } of await tracking.artifacts.list(base)) {
    const [name, ...below] = key.slice(base.length + 1).split('/');
    const full = path === '' ? name : `${path}/${name}`;
    entries.set(
      name,
      below.length > 0
        ? { path: full, is_dir: true }
        : { path: full, is_dir: false, file_size: sizeBytes },
    );
  }
  return entries.size > 0 ? { files: [...entries.values()] } : {};
}
