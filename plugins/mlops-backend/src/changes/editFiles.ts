/* Edits as a person asked for them, turned into whole files; what they may touch. */
import {
  InputError,
  type FileContent,
  type FileEdit,
} from '@backstage-mlops/mlops-core';
import { setInYaml, type YamlEdit } from '@backstage-mlops/argo-engine';
import { checkPath } from './checkNames';

const show = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
};

const limits = { edits: 200, bytes: 262_144 };

/** The edits of a request body. InputError names field and value of the first that cannot be. */
export function checkEdits(
  value: unknown,
  isAllowed: (path: string) => boolean,
): FileEdit[] {
  if (!Array.isArray(value) || value.length > limits.edits)
    throw new InputError(
      `edits must be a list of at most ${limits.edits} edits, not ${show(
        value,
      )}.`,
      'invalid-field',
    );
  const seen = new Set<string>();
  return value.map((item, place) => {
    const field = `edits[${place}]`;
    const edit = checkEdit(item, field);
    if (!isAllowed(edit.path))
      throw new InputError(
        `${field}.path '${edit.path}' is outside of what a change of this project may touch.`,
        'invalid-field',
      );
    if (seen.has(edit.path))
      throw new InputError(
        `${field}.path '${edit.path}' is named twice.`,
        'invalid-field',
      );
    seen.add(edit.path);
    return edit;
  });
}

function checkEdit(item: any, field: string): FileEdit {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw new InputError(
      `${field} must be an edit with a path, not ${show(item)}.`,
      'invalid-field',
    );
  const ways = ['content', 'delete', 'set'].filter(
    name => item[name] !== undefined,
  );
  const unknown = Object.keys(item).find(
    name => !['path', 'content', 'delete', 'set'].includes(name),
  );
  if (unknown !== undefined || ways.length !== 1)
    throw new InputError(
      unknown !== undefined
        ? `${field}.${unknown.slice(
            0,
            100,
          )} is not a field of an edit. Known: path, content, delete, set.`
        : `${field} must have one of content, delete and set, not ${show(
            ways,
          )}.`,
      'invalid-field',
    );
  const path = checkPath(item.path, `${field}.path`);
  if (ways[0] === 'content')
    return { path, content: checkContent(item, field) };
  if (ways[0] === 'delete') {
    if (item.delete !== true)
      throw new InputError(
        `${field}.delete must be true, not ${show(item.delete)}.`,
        'invalid-field',
      );
    return { path, delete: true };
  }
  return { path, set: checkSet(item.set, field) };
}

function checkContent(item: { content: unknown }, field: string): string {
  const { content } = item;
  if (typeof content !== 'string' || /\p{Surrogate}/u.test(content))
    throw new InputError(
      `${field}.content must be a text, not ${show(content)}.`,
      'invalid-field',
    );
  const bytes = Buffer.byteLength(content);
  if (bytes > limits.bytes)
    throw new InputError(
      `${field}.content has ${bytes} bytes; at most ${limits.bytes} are taken.`,
      'too-large',
    );
  return content;
}

function checkSet(value: unknown, field: string) {
  if (!Array.isArray(value) || value.length === 0 || value.length > 1000)
    throw new InputError(
      `${field}.set must be a list of 1 to 1000 values, not ${show(value)}.`,
      'invalid-field',
    );
  return value.map((item, place) => {
    const at = item?.at;
    const isPath =
      Array.isArray(at) &&
      at.length > 0 &&
      at.length <= 50 &&
      at.every(
        part =>
          (typeof part === 'string' && part.length <= 500) ||
          (Number.isInteger(part) && part >= 0),
      );
    if (!isPath)
      throw new InputError(
        `${field}.set[${place}].at must be a list of names and places, not ${show(
          at,
        )}.`,
        'invalid-field',
      );
    return { at: at as (string | number)[], value: item.value };
  });
}

/** What a change of a project may touch: its folder, templates for all projects, who owns what. */
export const allowedPaths =
  (root: string, project: string) =>
  (path: string): boolean => {
    const below = (folder: string) =>
      path.startsWith(`${root ? `${root}/` : ''}${folder}/`);
    return (
      below(`ml-projects/${project}`) ||
      below('argo') ||
      ['CODEOWNERS', '.github/CODEOWNERS', 'docs/CODEOWNERS'].includes(path)
    );
  };

/** How files are before the edits. */
export interface FilesBefore {
  /** Text of a file; undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** The file itself, or all files of a folder. */
  list(path: string): Promise<string[]>;
}

/** Whole files after the edits. */
export async function filesAfter(
  edits: FileEdit[],
  before: FilesBefore,
): Promise<FileContent[]> {
  const files: FileContent[] = [];
  for (const [place, edit] of edits.entries()) {
    if ('delete' in edit) {
      const gone = await before.list(edit.path);
      if (gone.length === 0)
        throw new InputError(
          `edits[${place}].path '${edit.path}' is no file or folder that could be removed.`,
          'invalid-field',
        );
      files.push(...gone.map(path => ({ path, content: null })));
      continue;
    }
    const text = await before.read(edit.path);
    if ('content' in edit) {
      if (edit.content !== text)
        files.push({ path: edit.path, content: edit.content });
    } else if (text === undefined)
      throw new InputError(
        `edits[${place}].path '${edit.path}' is no file whose values could be set.`,
        'invalid-field',
      );
    else {
      const content = settled(text, edit.set, `edits[${place}].set`);
      if (content !== text) files.push({ path: edit.path, content });
    }
  }
  if (files.length === 0)
    throw new InputError(
      'edits change nothing: the files are so already.',
      'invalid-field',
    );
  return files;
}

function settled(text: string, set: YamlEdit[], field: string): string {
  try {
    return setInYaml(text, set);
  } catch (error) {
    if ((error as Error).name !== 'InputError') throw error;
    throw new InputError(
      `${field}: ${(error as Error).message}`,
      'invalid-field',
    );
  }
}
