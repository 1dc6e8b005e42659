/*
 * Pages of a project as they are in a commit, read from git's objects: text and pictures in `docs/`, and `mkdocs.yml`. Everything has a
 * cap, and what is over it is named, so that a page that is missing says why.
 */
import type { ProjectDocs } from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import type { GitRepository } from '../gitops/GitRepository';

const maxFiles = 300;
const maxFolders = 60;
const maxDepth = 6;
const maxTotalBytes = 16 * 1024 * 1024;
const maxTextBytes = 512 * 1024;
const maxPictureBytes = 2 * 1024 * 1024;
const texts = /\.md$/i;
// No SVG: it can hold a program.
const pictures = /\.(png|jpe?g|gif|webp)$/i;

interface Found {
  path: string;
  oid: string;
}
type LeftOut = ProjectDocs['leftOut'];

export class DocsReader {
  constructor(
    private readonly repository: Pick<GitRepository, 'read' | 'readFolder'>,
  ) {}

  /** Pages of a folder at a commit. */
  async read(
    commit: string,
    folder: string,
  ): Promise<Pick<ProjectDocs, 'version' | 'files' | 'leftOut'>> {
    const leftOut: LeftOut = [];
    const found = await this.list(commit, folder, leftOut);
    const files: ProjectDocs['files'] = [];
    const digest = createHash('sha256');
    let total = 0;
    for (const { path, oid } of found) {
      const limit = pictures.test(path) ? maxPictureBytes : maxTextBytes;
      const blob = await this.repository.read(oid, limit);
      const bytes = blob?.type === 'blob' ? blob.bytes : undefined;
      total += bytes?.length ?? 0;
      if (!bytes)
        leftOut.push({ path, reason: `it has more than ${limit} bytes` });
      else if (total > maxTotalBytes)
        leftOut.push({
          path,
          reason: `all pages together have more than ${maxTotalBytes} bytes`,
        });
      else files.push({ path, base64: bytes.toString('base64') });
      digest.update(`${path}\0${oid}\0`);
    }
    return { version: digest.digest('hex'), files, leftOut };
  }

  private async list(
    commit: string,
    folder: string,
    leftOut: LeftOut,
  ): Promise<Found[]> {
    const found: Found[] = [];
    let opened = 0;
    const open = async (name: string, prefix: string): Promise<void> => {
      if (++opened > maxFolders || prefix.split('/').length > maxDepth + 1) {
        leftOut.push({ path: prefix, reason: 'there are too many folders' });
        return;
      }
      const { entries, tooLarge } = await this.repository.readFolder(name);
      if (tooLarge)
        leftOut.push({ path: prefix, reason: 'it holds too many files' });
      for (const { name: entry, mode, oid } of entries) {
        const path = `${prefix}${entry}`;
        if (mode === '040000') await open(oid, `${path}/`);
        else if (!mode.startsWith('100'))
          leftOut.push({ path, reason: 'it is a link' });
        else if (!texts.test(path) && !pictures.test(path))
          leftOut.push({
            path,
            reason: 'only Markdown and pictures are shown',
          });
        else if (found.length >= maxFiles)
          leftOut.push({ path, reason: `there are more than ${maxFiles}` });
        else found.push({ path, oid });
      }
    };
    await open(`${commit}:${folder}/docs`, 'docs/');
    for (const path of ['mkdocs.yml', 'README.md']) {
      const name = `${commit}:${folder}/${path}`;
      const file = await this.repository.read(name, maxTextBytes);
      if (file?.type === 'blob') found.push({ path, oid: file.oid });
    }
    return found;
  }
}
