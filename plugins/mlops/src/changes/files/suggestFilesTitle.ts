import type { Text } from '../../translation';
import { stateOf, type FilesDraft } from './filesDraft';

const nameOf = (path: string) => path.split('/').pop()!;

/** What an edit of files does in a few words, for somebody who has not written a title. */
export function suggestFilesTitle(t: Text, files: FilesDraft['files']): string {
  const paths = Object.keys(files).sort();
  const [first, second] = paths;
  if (paths.length === 0) return t('files.title.none');
  if (paths.length === 1)
    return t(`files.title.${stateOf(files[first])!}`, { file: nameOf(first) });
  const moved = [first, second].map(path => stateOf(files[path]));
  if (
    paths.length === 2 &&
    moved.includes('added') &&
    moved.includes('deleted')
  ) {
    const from = paths[moved.indexOf('deleted')];
    const to = paths[moved.indexOf('added')];
    if (files[from].original === files[to].text)
      return t('files.title.renamed', { from: nameOf(from), to: nameOf(to) });
  }
  return t('files.title.many', { count: paths.length });
}
