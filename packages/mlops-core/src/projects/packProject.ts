/*
 * A project that was read elsewhere, by another thread: functions cannot be sent, so a document goes with the places of all its fields,
 * and what is found by a function is found anew.
 */
import {
  isEverydayYaml,
  type FieldPath,
  type ParsedWorkflow,
} from '@backstage-mlops/argo-engine';
import {
  templatesOf,
  type ProjectFile,
  type ProjectPipeline,
  type ReadProject,
} from './readProject';
import type { SharedFiles } from './readShared';

/** A pipeline or schedule as it is sent. @public */
export interface PackedPipeline extends Omit<ProjectPipeline, 'document'> {
  document?: Omit<ParsedWorkflow, 'locate'>;
  /** Line and column of the document and of each field, in the order in which fields are met. */
  places?: Int32Array;
}

/** A project as it is sent. @public */
export interface PackedProject
  extends Omit<ReadProject, 'templates' | 'pipelines' | 'schedules'> {
  pipelines: PackedPipeline[];
  schedules: PackedPipeline[];
}

const quickCharacters = 65_536;
const quickOddCharacters = 8_192;

/** Whether reading the files may take so long that others would wait. @public */
export function isHeavyProject(files: ProjectFile[]): boolean {
  const texts = files
    .filter(({ path }) => path !== 'README.md')
    .map(({ text = '' }) => text);
  const all = texts.reduce((sum, text) => sum + text.length, 0);
  if (all <= quickOddCharacters || all > quickCharacters)
    return all > quickCharacters;
  const odd = texts.filter(text => text !== '' && !isEverydayYaml(text));
  return odd.reduce((sum, text) => sum + text.length, 0) > quickOddCharacters;
}

/** Plain data of a project. @public */
export function packProject(read: ReadProject): PackedProject {
  const { templates: _templates, ...rest } = read;
  return {
    ...rest,
    pipelines: read.pipelines.map(packPipeline),
    schedules: read.schedules.map(packPipeline),
  };
}

/** The project of its plain data. @public */
export function unpackProject(
  packed: PackedProject,
  shared: SharedFiles,
): ReadProject {
  const read: ReadProject = {
    ...packed,
    pipelines: packed.pipelines.map(unpackPipeline),
    schedules: packed.schedules.map(unpackPipeline),
    templates: (name, clusterScope) =>
      templatesOf(read, shared)(name, clusterScope),
  };
  return read;
}

function packPipeline({ document, ...rest }: ProjectPipeline): PackedPipeline {
  if (!document) return rest;
  const { locate, ...data } = document;
  const places: number[] = [];
  const add = (at: FieldPath) => {
    const { line, column } = locate(at);
    places.push(line, column);
  };
  add([]);
  eachField(document.manifest, (_holder, _key, at) => add(at));
  return { ...rest, document: data, places: Int32Array.from(places) };
}

function unpackPipeline({
  document,
  places,
  ...rest
}: PackedPipeline): ProjectPipeline {
  if (!document || !places) return rest;
  let known: Map<object, Map<string, number>> | undefined;
  const locate: ParsedWorkflow['locate'] = path => {
    known ??= indexOf(document.manifest);
    let index = 0;
    let value: any = document.manifest;
    for (const part of path) {
      const next = known.get(value)?.get(String(part));
      if (next === undefined) break;
      index = next;
      value = value[part];
    }
    return { line: places[index], column: places[index + 1] };
  };
  return { ...rest, document: { ...document, locate } };
}

// Most documents are never asked for a place, so where each field's place is kept is found by the first question.
function indexOf(manifest: object): Map<object, Map<string, number>> {
  const known = new Map<object, Map<string, number>>();
  let index = 0;
  eachField(manifest, (holder, key) => {
    index += 2;
    const fields = known.get(holder) ?? new Map<string, number>();
    known.set(holder, fields.set(key, index));
  });
  return known;
}

/** Visits every field once; what an alias gives again is the same value and has the same places. */
function eachField(
  manifest: object,
  visit: (holder: object, key: string, at: FieldPath) => void,
): void {
  const seen = new Set<object>();
  const walk = (value: unknown, at: FieldPath) => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      const path = [...at, isList ? Number(key) : key];
      visit(value, key, path);
      walk(inner, path);
    }
  };
  walk(manifest, []);
}
