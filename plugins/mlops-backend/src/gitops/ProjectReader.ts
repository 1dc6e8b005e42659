/* Reads files of the repository: small ones at once, large or unusual ones in a thread of their own, so that nobody waits for them. */
import type { Problem } from '@backstage-mlops/argo-engine';
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  effectOfFiles,
  InputError,
  isHeavyProject,
  noSharedFiles,
  packProject,
  readProject,
  readSharedData,
  toSharedFiles,
  unpackProject,
  type Effect,
  type EffectSources,
  type ProjectFile,
  type ReadProject,
  type SharedData,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import { maxFolderBytes, type FolderFiles } from './FolderReader';
import {
  ReadingThread,
  type ReadingThreadOptions,
  type ReadingWork,
} from './ReadingThread';

/** What all projects share: read, and as data for the thread. */
export interface SharedSource {
  /** The same for the same data. */
  key: string;
  data: SharedData;
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
    const { files, tooLarge, leftOut } = found;
    const read = this.isHeavy(found)
      ? await this.readApart(folder, files, shared)
      : readProject(folder, files, shared.files);
    if (leftOut) read.problems.push(tooMuch(`${folder}/${leftOut}`));
    for (const place of tooLarge)
      read.problems.push(
        problemOf(
          `${folder}/${place || 'mlproject.yaml'}`,
          'too-many-files',
          `The folder ${
            place ? `'${place}'` : 'of the project'
          } holds too many files; none of them is read.`,
        ),
      );
    return read;
  }

  /** Reads the folder that all projects share; of files that take too long it gives nothing. */
  async readShared(
    folder: string,
    found: FolderFiles,
    key: string,
  ): Promise<SharedSource> {
    const { files, leftOut } = found;
    const job = { folder, files };
    const data = this.isHeavy(found)
      ? (await this.apart('shared', job, folder, () =>
          readSharedData(folder, files),
        )) ?? { templates: [], config: [], problems: [tooSlow(folder)] }
      : readSharedData(folder, files);
    if (leftOut) data.problems.push(tooMuch(`${folder}/${leftOut}`));
    return { key, data, files: toSharedFiles(data) };
  }

  /** What edits would do, worked out apart. InputError when that takes too long. */
  async effect(sources: EffectSources): Promise<Effect> {
    const { project } = sources.folders;
    const effect = await this.apart('effect', sources, project, () =>
      effectOfFiles(sources),
    );
    if (!effect)
      throw new InputError(
        `The files of ${project} take too long to read, so nobody can say what the edits would do.`,
        'too-large',
      );
    return effect;
  }

  close(): Promise<void> {
    return this.thread.close();
  }

  private async readApart(
    folder: string,
    files: ProjectFile[],
    { key, data, files: shared }: SharedSource,
  ): Promise<ReadProject> {
    const packed = await this.apart(
      'project',
      { folder, files, shared: { key, data } },
      folder,
      () => packProject(readProject(folder, files, shared)),
    );
    return packed ? unpackProject(packed, shared) : givenUp(folder);
  }

  // Where there can be no thread, everybody waits.
  private async apart<K extends keyof ReadingWork>(
    kind: K,
    job: ReadingWork[K]['job'],
    folder: string,
    here: () => ReadingWork[K]['result'],
  ): Promise<ReadingWork[K]['result'] | undefined> {
    try {
      return await this.thread.do(kind, job);
    } catch (error) {
      this.options.logger.warn(
        `What is in ${folder} is read without a thread of its own: ${error}`,
      );
      return here();
    }
  }
}

/** Whether reading was given up. */
export const isGivenUp = (read: ReadProject) =>
  read.problems.some(({ code }) => code === 'too-slow');

function givenUp(folder: string): ReadProject {
  const read = readProject(folder, []);
  return { ...read, problems: [tooSlow(`${folder}/mlproject.yaml`)] };
}

const problemOf = (file: string, code: string, message: string): Problem => ({
  file,
  line: 1,
  column: 1,
  code,
  message,
  severity: 'error',
});

const tooSlow = (file: string) =>
  problemOf(
    file,
    'too-slow',
    'The files of the project take too long to read; none of them is read.',
  );

const tooMuch = (file: string) =>
  problemOf(
    file,
    'too-large',
    `The files of the folder have more than ${
      maxFolderBytes >> 20
    } MiB together; this one and those after it are not read.`,
  );

/** Of a repository without a shared folder. */
export const nothingShared: SharedSource = {
  key: '',
  data: { templates: [], config: [], problems: [] },
  files: noSharedFiles,
};
