/* Reads the folder of one project at one commit: everything that is in order, and all that is not, at once. */
import {
  lintWorkflow,
  parseWorkflows,
  type ParsedWorkflow,
  type Problem,
  type TemplateLookup,
  type YamlDocument,
} from '@backstage-mlops/argo-engine';
import type { z } from 'zod';
import { gateProblems } from '../models/modelPolicy';
import type { Dataset, MLModel, MLProject } from './schemas';
import { datasetSchema, mlModelSchema, mlProjectSchema } from './schemas';
import { noSharedFiles, type SharedFiles } from './readShared';
import { parseFile } from './parseFile';

/** A file of the folder as git has it. `text` is absent when it was not read (too large, a link, not text). @public */
export interface ProjectFile {
  /** Relative to the folder. */
  path: string;
  sizeBytes: number;
  /** `100644`, `100755`, `120000` (link), `160000` (submodule). */
  mode: string;
  text?: string;
}

/** A pipeline of a project. @public */
export interface ProjectPipeline {
  name: string;
  /** Path in the repository. */
  file: string;
  title?: string;
  description?: string;
  /** Absent when the file cannot be read. */
  document?: ParsedWorkflow;
  problems: Problem[];
}

/** A CronWorkflow of a project. @public */
export interface ProjectSchedule {
  name: string;
  /** Path in the repository. */
  file: string;
  title?: string;
  description?: string;
  /** Absent when the file cannot be read. */
  document?: ParsedWorkflow;
  problems: Problem[];
}

/** A project as one commit has it. @public */
export interface ReadProject {
  /** Name of the folder. */
  name: string;
  /** Path of the folder in the repository. */
  path: string;
  project?: MLProject;
  datasets: { name: string; file: string; value?: Dataset }[];
  models: { name: string; file: string; value?: MLModel }[];
  pipelines: ProjectPipeline[];
  schedules: ProjectSchedule[];
  /** Finds the template files that a pipeline of the project may refer to: its own, then the shared ones. */
  templates: TemplateLookup;
  readme?: string;
  problems: Problem[];
}

/** Folders of a project whose files are read. @public */
export const projectFolders: readonly string[] = [
  'datasets',
  'models',
  'pipelines',
];
const projectFile = new RegExp(
  `^(mlproject\\.yaml|README\\.md|(${projectFolders.join(
    '|',
  )})/[^/]+\\.ya?ml)$`,
);

/** Files of a folder that are read at all. @public */
export function isProjectFile(path: string): boolean {
  return projectFile.test(path);
}

/** Largest file that is read, in bytes. @public */
export const maxFileBytes = 262_144;
const maxFiles = 200;

/** Reads a project. Never throws. @public */
export function readProject(
  folder: string,
  files: ProjectFile[],
  shared: SharedFiles = noSharedFiles,
): ReadProject {
  const name = folder.split('/').pop()!;
  const reader = new Reader(folder);
  const read: ReadProject = {
    name,
    path: folder,
    datasets: [],
    models: [],
    pipelines: [],
    schedules: [],
    templates: (wanted, clusterScope) =>
      templatesOf(read, shared)(wanted, clusterScope),
    problems: reader.problems,
  };
  const known = files
    .filter(file => isProjectFile(file.path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
    reader.fault(
      'mlproject.yaml',
      'invalid-name',
      `The folder name '${name.slice(
        0,
        100,
      )}' cannot be a project: lower-case letters, digits and '-', at most 63.`,
    );
  if (known.length > maxFiles)
    reader.fault(
      'mlproject.yaml',
      'too-many-files',
      `The project has ${known.length} files to read; at most ${maxFiles} are read.`,
    );
  if (!known.some(file => file.path === 'mlproject.yaml'))
    reader.fault(
      'mlproject.yaml',
      'missing-file',
      `The folder has no mlproject.yaml, which says what the project is.`,
    );
  for (const file of known.slice(0, maxFiles)) take(read, reader, file);
  // Files refer to each other, so they are checked when all are known.
  for (const item of [...read.pipelines, ...read.schedules]) {
    if (!item.document) continue;
    const found = lintWorkflow(item.document, read.templates);
    item.problems.push(...found);
    read.problems.push(
      ...found.filter(problem => problem.severity === 'error'),
    );
  }
  return read;
}

/** Finds a template file of the project, else one of the shared files. */
export function templatesOf(
  read: Pick<ReadProject, 'pipelines'>,
  shared: SharedFiles,
): TemplateLookup {
  return (wanted, clusterScope) =>
    (clusterScope
      ? undefined
      : read.pipelines.find(({ name: own }) => own === wanted)?.document
          ?.manifest) ?? shared.templates(wanted, clusterScope);
}

function take(read: ReadProject, reader: Reader, file: ProjectFile): void {
  const full = `${read.path}/${file.path}`;
  const base = file.path
    .split('/')
    .pop()!
    .replace(/\.ya?ml$/, '');
  if (file.path === 'README.md') {
    read.readme = file.text?.slice(0, 65_536);
    return;
  }
  const text = reader.textOf(file);
  if (file.path === 'mlproject.yaml')
    read.project = reader.parse(text, file, mlProjectSchema, read.name);
  else if (file.path.startsWith('datasets/'))
    read.datasets.push({
      name: base,
      file: full,
      value: reader.parse(text, file, datasetSchema, base),
    });
  else if (file.path.startsWith('models/'))
    read.models.push({
      name: base,
      file: full,
      value: reader.parse(text, file, mlModelSchema, base, (value, document) =>
        gateProblems(value, full, text!, document),
      ),
    });
  else {
    const { schedule, ...pipeline } = readPipeline(
      text,
      full,
      base,
      reader.problems,
    );
    if (schedule) read.schedules.push(pipeline);
    else read.pipelines.push(pipeline);
  }
}

class Reader {
  readonly problems: Problem[] = [];

  constructor(private readonly folder: string) {}

  fault(path: string, code: string, message: string): void {
    this.problems.push({
      file: `${this.folder}/${path}`,
      line: 1,
      column: 1,
      code,
      message,
      severity: 'error',
    });
  }

  textOf(file: ProjectFile): string | undefined {
    if (file.mode === '120000')
      this.fault(
        file.path,
        'link',
        'The file is a symbolic link; links are not followed. Commit the file itself.',
      );
    else if (file.mode === '160000')
      this.fault(
        file.path,
        'submodule',
        'The file is a submodule, which is not read.',
      );
    else if (file.sizeBytes > maxFileBytes)
      this.fault(
        file.path,
        'too-large',
        `The file has ${file.sizeBytes} bytes; at most ${maxFileBytes} are read.`,
      );
    else if (file.text === undefined)
      this.fault(file.path, 'binary', 'The file is not text in UTF-8.');
    else return file.text;
    return undefined;
  }

  parse<T>(
    text: string | undefined,
    file: ProjectFile,
    schema: z.ZodType<T>,
    name: string,
    check?: (value: T, document: YamlDocument) => Problem[],
  ): T | undefined {
    if (text === undefined) return undefined;
    const { value, problems } = parseFile(
      text,
      `${this.folder}/${file.path}`,
      schema,
      name,
      check,
    );
    this.problems.push(...problems);
    return value;
  }
}

const wrongKinds: Record<string, string> = {
  Workflow:
    'A pipeline must be a WorkflowTemplate; a Workflow is one run of it.',
  ClusterWorkflowTemplate:
    "A pipeline must be a WorkflowTemplate; templates for all projects are in the repository's argo folder.",
};

function readPipeline(
  text: string | undefined,
  file: string,
  name: string,
  all: Problem[],
): ProjectPipeline & { schedule?: boolean } {
  if (text === undefined)
    return {
      name,
      file,
      problems: all.filter(problem => problem.file === file),
    };
  const { documents, problems } = parseWorkflows(text, file);
  const fault = (
    code: string,
    message: string,
    place = { line: 1, column: 1 },
  ) => problems.push({ file, ...place, code, message, severity: 'error' });
  const [document] = documents;
  if (documents.length > 1)
    fault(
      'several-documents',
      `The file holds ${documents.length} workflows; one is expected.`,
    );
  if (document) {
    const wrong = wrongKinds[document.kind];
    if (wrong) fault('wrong-kind', wrong, document.locate(['kind']));
    if (document.name !== name)
      fault(
        'wrong-name',
        `metadata.name is '${document.name}', but the file is called '${name}'; they must be the same.`,
        document.locate(['metadata', 'name']),
      );
  }
  all.push(...problems.filter(problem => problem.severity === 'error'));
  const annotations = document?.manifest.metadata?.annotations ?? {};
  const text_ = (key: string) =>
    typeof annotations[key] === 'string' ? annotations[key] : undefined;
  return {
    name,
    file,
    document,
    problems,
    ...(document?.kind === 'CronWorkflow' ? { schedule: true } : {}),
    title: text_('workflows.argoproj.io/title'),
    description: text_('workflows.argoproj.io/description'),
  };
}
