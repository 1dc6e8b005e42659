import { InputError } from '@backstage-mlops/mlops-core';

/** A path of an artifact below its run: plain parts, no climbing. */
export function checkArtifactPath(path: string): string {
  const parts = path.split('/');
  if (
    path.length > 500 ||
    path.includes('\\') ||
    path.includes('\0') ||
    /[#?%]/.test(path) ||
    parts.some(part => part === '' || part === '.' || part === '..')
  )
    throw new InputError('Invalid path', 'invalid-field');
  return path;
}
