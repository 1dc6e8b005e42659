import { resolveSafeChildPath } from '@backstage/backend-plugin-api';
import type { ProjectDocs } from '@backstage-mlops/mlops-core';
import type {
  GeneratorBase,
  GeneratorRunOptions,
} from '@backstage/plugin-techdocs-node';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { renderSite, type SourceFile } from './renderSite';

/** Stands in a prepared folder that holds docs of a project; it says of which. */
export const recordFile = '.mlops-docs.json';

/** Renders the docs of projects; leaves those of others to another generator. */
export class ProjectDocsGenerator implements GeneratorBase {
  constructor(private readonly others: GeneratorBase) {}

  async run(options: GeneratorRunOptions): Promise<void> {
    const { inputDir, outputDir, etag } = options;
    const record = await readFile(
      path.join(inputDir, recordFile),
      'utf8',
    ).catch(() => undefined);
    if (record === undefined) return this.others.run(options);
    const docs = JSON.parse(record) as Omit<ProjectDocs, 'files'>;
    const site = renderSite(await readAll(inputDir), docs);
    const files = site.map(file => file.path).sort();
    await write(outputDir, [
      ...site,
      {
        path: 'techdocs_metadata.json',
        bytes: Buffer.from(
          JSON.stringify({
            site_name: docs.title,
            site_description: '',
            etag,
            build_timestamp: Date.now(),
            files,
          }),
        ),
      },
    ]);
    return undefined;
  }
}

async function readAll(folder: string): Promise<SourceFile[]> {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return Promise.all(
    entries
      .filter(entry => entry.isFile() && entry.name !== recordFile)
      .map(async entry => {
        const file = path.join(entry.parentPath, entry.name);
        return {
          path: path.relative(folder, file).split(path.sep).join('/'),
          bytes: await readFile(file),
        };
      }),
  );
}

async function write(folder: string, files: SourceFile[]): Promise<void> {
  for (const file of files) {
    const place = resolveSafeChildPath(folder, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, file.bytes);
  }
}
