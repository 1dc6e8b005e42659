/* Reads the files of a project: small ones at once, large or unusual ones in a thread of their own, so that nobody waits for them. */
import type { Problem } from '@backstage-mlops/argo-engine';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  isHeavyProject,
  noSharedFiles,
  readProject,
  readShared,
  unpackProject,
  type ProjectFile,
  type ReadProject,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import type { FolderFiles } from './FolderReader';
import { ReadingThread, type ReadingThreadOptions } from './ReadingThread';

/** What all projects share: read, and as files for the thread. */
export interface SharedSource {
  folder: string;
  sources: ProjectFile[];
  files: SharedFiles;
}

export class ProjectReader {
  private readonly thread: ReadingThread;
  private readonly heavy = new WeakMap<ProjectFile[], boolean>();

  constructor(
    private readonly options: {
      logger: LoggerService;
      thread?: ReadingThreadOptions;
    },
  ) {
    this.thread = new ReadingThread(options.thread);
  }

  /** Whether the files are read apart, which takes its time. */
  isHeavy({ files }: FolderFiles): boolean {
    const known = this.heavy.get(files);
    if (known !== undefined) return known;
    const heavy = isHeavyProject(files);
    this.heavy.set(files, heavy);
    return heavy;
  }

  /** Reads a project; what is wrong with it is in its problems. */
  async read(
    folder: string,
    found: FolderFiles,
    shared: SharedSource,
  ): Promise<ReadProject> {
    const { files, tooLarge } = found;
    const read = this.isHeavy(found)
      ? await this.readApart(folder, files, shared)
      : readProject(folder, files, shared.files);
    for (const place of tooLarge)
      read.problems.push({
        file: `${folder}/${place || 'mlproject.yaml'}`,
        line: 1,
        column: 1,
        code: 'too-many-files',
        message: `The folder ${
          place ? `'${place}'` : 'of the project'
        } holds too many files; none of them is read.`,
        severity: 'error',
      });
    return read;
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  private async readApart(
    folder: string,
    files: ProjectFile[],
    shared: SharedSource,
  ): Promise<ReadProject> {
    const { folder: at, sources } = shared;
    try {
      const packed = await this.thread.read({
        folder,
        files,
        shared: { folder: at, files: sources },
      });
      return packed ? unpackProject(packed, shared.files) : givenUp(folder);
    } catch (error) {
      this.options.logger.warn(
        `The project in ${folder} is read without a thread of its own: ${error}`,
      );
      return readProject(folder, files, shared.files);
    }
  }
}

/** Whether reading was given up. */
export const isGivenUp = (read: ReadProject) =>
  read.problems.some(({ code }) => code === 'too-slow');

function givenUp(folder: string): ReadProject {
  const read = readProject(folder, []);
  const problem: Problem = {
    file: `${folder}/mlproject.yaml`,
    line: 1,
    column: 1,
    code: 'too-slow',
    message:
      'The files of the project take too long to read; none of them is read.',
    severity: 'error',
  };
  return { ...read, problems: [problem] };
}

/** The shared folder, read. */
export function toShared(folder: string, sources: ProjectFile[]): SharedSource {
  return { folder, sources, files: readShared(folder, sources) };
}

/** Of a repository without a shared folder. */
export const nothingShared: SharedSource = {
  folder: '',
  sources: [],
  files: noSharedFiles,
};
