/*
 * Edits become files: whole texts, removals, and fields set in the text that the base has. All that is wrong is said at once.
 */
import { setInYaml } from '@backstage-mlops/argo-engine';
import type { FileEdit } from './Change';
import { checkChangePath } from './checkChangePath';
import type { FileContent } from './PullRequestHost';

/** A file as the base commit has it. @public */
export interface BaseFile {
  /** `100644`, `100755`, `120000` (link), `160000` (submodule). */
  mode: string;
  sizeBytes: number;
  /** Absent when it was not read: too large, a link, not text. */
  text?: string;
}

/** One edit that cannot be made. @public */
export interface EditFault {
  /** The field of the request, as `edits[2].path`. */
  field: string;
  /** The file, where the edit names one. */
  path?: string;
  /** One sentence for a person. */
  message: string;
}

/** Largest text that an edit may give, in bytes. @public */
export const maxEditBytes = 1_048_576;
const maxEdits = 500;
const maxTotalBytes = 8 * 1_048_576;

/** @public */
export interface AppliedEdits {
  /** Files that differ from the base; empty when there is a fault. */
  files: FileContent[];
  faults: EditFault[];
}

/**
 * Applies edits to the files of a base commit. `base` gives a file, or undefined when there is none; every path that the edits name
 * is asked for. Several edits of one file are made one after the other; only fields can be set more than once.
 *
 * @public
 */
export function applyEdits(
  edits: FileEdit[],
  base: (path: string) => BaseFile | undefined,
): AppliedEdits {
  if (!Array.isArray(edits))
    return failed('edits', `must be a list of edits, not ${show(edits)}`);
  if (edits.length > maxEdits)
    return failed(
      'edits',
      `has ${edits.length} edits; at most ${maxEdits} are allowed`,
    );
  const work = new EditWork(base);
  edits.forEach((edit, index) => work.apply(edit, `edits[${index}]`));
  return work.finish();
}

function failed(field: string, message: string): AppliedEdits {
  return { files: [], faults: [{ field, message: `${field} ${message}.` }] };
}

type Kind = 'content' | 'delete' | 'set';

class EditWork {
  private readonly faults: EditFault[] = [];
  /** New text by path; null for a removed file. */
  private readonly made = new Map<string, string | null>();
  private readonly kinds = new Map<string, Kind>();
  private readonly sizes = new Map<string, number>();

  constructor(private readonly base: (path: string) => BaseFile | undefined) {}

  apply(edit: unknown, field: string): void {
    if (typeof edit !== 'object' || edit === null || Array.isArray(edit))
      return this.fault(
        field,
        undefined,
        `${field} must be an edit, not ${show(edit)}.`,
      );
    const given = edit as Record<string, unknown>;
    const wrong = checkChangePath(given.path);
    if (wrong)
      return this.fault(
        `${field}.path`,
        undefined,
        `${field}.path ${wrong}: ${show(given.path)}.`,
      );
    const path = given.path as string;
    const kinds = (['content', 'delete', 'set'] as const).filter(
      key => given[key] !== undefined,
    );
    if (kinds.length !== 1)
      return this.fault(
        field,
        path,
        `${field} ('${path}') must have one of content, delete, set; it has ${
          kinds.join(', ') || 'none'
        }.`,
      );
    const [kind] = kinds;
    if (!this.isFree(path, kind, field)) return undefined;
    this.kinds.set(path, kind);
    if (kind === 'content') return this.write(path, given.content, field);
    return kind === 'delete'
      ? this.remove(path, given.delete, field)
      : this.set(path, given.set, field);
  }

  finish(): AppliedEdits {
    this.checkPlaces();
    const total = [...this.sizes.values()].reduce((sum, size) => sum + size, 0);
    if (total > maxTotalBytes)
      this.fault(
        'edits',
        undefined,
        `The edits have ${total} bytes together; at most ${maxTotalBytes} are allowed.`,
      );
    if (this.faults.length > 0) return { files: [], faults: this.faults };
    const files = [...this.made]
      .filter(([path, content]) => this.base(path)?.text !== content)
      .map(([path, content]) => ({ path, content }));
    return { files, faults: [] };
  }

  private fault(
    field: string,
    path: string | undefined,
    message: string,
  ): void {
    this.faults.push({ field, ...(path ? { path } : {}), message });
  }

  private isFree(path: string, kind: Kind, field: string): boolean {
    const before = this.kinds.get(path);
    if (!before || (before !== 'delete' && kind === 'set')) return true;
    this.fault(
      `${field}.path`,
      path,
      `'${path}' is edited twice; only fields can be set more than once.`,
    );
    return false;
  }

  private write(path: string, content: unknown, field: string): void {
    if (typeof content !== 'string')
      return this.fault(
        `${field}.content`,
        path,
        `${field}.content must be a text, not ${show(content)}.`,
      );
    if (/\p{Cs}/u.test(content))
      return this.fault(
        `${field}.content`,
        path,
        `${field}.content holds half a character, which no file can hold.`,
      );
    const there = this.base(path);
    if (there && !isPlainFile(there))
      return this.fault(
        `${field}.path`,
        path,
        `'${path}' is a ${kindOf(there)}; only plain files are written.`,
      );
    return this.keep(path, content, `${field}.content`);
  }

  private remove(path: string, wish: unknown, field: string): void {
    if (wish !== true)
      return this.fault(
        `${field}.delete`,
        path,
        `${field}.delete must be true, not ${show(wish)}.`,
      );
    if (!this.base(path))
      return this.fault(
        `${field}.path`,
        path,
        `'${path}' is not there, so it cannot be removed.`,
      );
    this.made.set(path, null);
    return undefined;
  }

  private set(path: string, wishes: unknown, field: string): void {
    const fault = (message: string, at = `${field}.set`) =>
      this.fault(at, path, message);
    if (!Array.isArray(wishes) || wishes.length === 0)
      return fault(
        `${field}.set must be a list of fields with their values, not ${show(
          wishes,
        )}.`,
      );
    if (!/\.ya?ml$/i.test(path))
      return fault(
        `'${path}' is no YAML file; give its whole text instead.`,
        `${field}.path`,
      );
    const text = this.made.get(path) ?? this.textOf(path, field);
    if (typeof text !== 'string') return undefined;
    let next = text;
    const faults = this.faults.length;
    wishes.forEach((wish, index) => {
      const { at, value } = (wish ?? {}) as {
        at: (string | number)[];
        value?: unknown;
      };
      try {
        next = setInYaml(next, [{ at, value }]);
      } catch (error) {
        fault(
          `${path}: ${(error as Error).message}`,
          `${field}.set[${index}].at`,
        );
      }
    });
    if (this.faults.length === faults) this.keep(path, next, `${field}.set`);
    return undefined;
  }

  private textOf(path: string, field: string): string | undefined {
    const there = this.base(path);
    if (there && isPlainFile(there) && there.text !== undefined)
      return there.text;
    const why = !there
      ? 'is not there'
      : isPlainFile(there)
      ? 'cannot be read as text'
      : `is a ${kindOf(there)}`;
    this.fault(
      `${field}.path`,
      path,
      `'${path}' ${why}, so no field of it can be set.`,
    );
    return undefined;
  }

  private keep(path: string, content: string, field: string): void {
    const bytes = new TextEncoder().encode(content).length;
    if (bytes > maxEditBytes)
      return this.fault(
        field,
        path,
        `'${path}' would have ${bytes} bytes; at most ${maxEditBytes} are allowed.`,
      );
    this.sizes.set(path, bytes);
    this.made.set(path, content);
    return undefined;
  }

  // No file can be the folder of another one.
  private checkPlaces(): void {
    for (const [path, content] of this.made) {
      if (content === null) continue;
      const parts = path.split('/');
      for (let count = 1; count < parts.length; count++) {
        const above = parts.slice(0, count).join('/');
        const file =
          this.made.get(above) ??
          (this.made.has(above) ? undefined : this.base(above));
        if (file)
          this.fault(
            'edits',
            path,
            `'${path}' cannot be written, since '${above}' is a file.`,
          );
      }
    }
  }
}

function isPlainFile({ mode }: BaseFile): boolean {
  return mode.startsWith('100');
}

function kindOf({ mode }: BaseFile): string {
  if (mode === '120000') return 'symbolic link';
  return mode === '160000' ? 'submodule' : 'folder';
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
