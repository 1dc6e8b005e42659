/*
 * What files of a project name and no longer find: datasets and models by the parameters that name them, and files that the edits
 * remove. What the engine itself refers to - templates, tasks, artifacts - is the lint's.
 */
import type {
  FieldPath,
  ParsedWorkflow,
  Problem,
} from '@backstage-mlops/argo-engine';
import { workflowOf } from '@backstage-mlops/argo-engine';
import type { ReadProject } from '../projects/readProject';
import type { ChangedFile } from './effectOf';

const kinds = { dataset: 'datasets', model: 'models' } as const;

/** References of the project after the edits that lead nowhere. */
export function danglingReferences(
  before: ReadProject | undefined,
  after: ReadProject | undefined,
  files: ChangedFile[],
): Problem[] {
  if (!after) return [];
  const gone = files
    .filter(file => file.after === undefined)
    .map(file => file.path.replace(`${after.path}/`, ''));
  return [...after.pipelines, ...after.schedules].flatMap(({ document }) =>
    document
      ? [
          ...unknownNames(document, before, after),
          ...removedFiles(document, gone),
        ]
      : [],
  );
}

function unknownNames(
  document: ParsedWorkflow,
  before: ReadProject | undefined,
  after: ReadProject,
): Problem[] {
  const isSchedule = document.kind === 'CronWorkflow';
  const inner = isSchedule ? workflowOf(document) : document;
  const list = inner.manifest.spec?.arguments?.parameters;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, index) => {
    const kind = Object.hasOwn(kinds, item?.name)
      ? (item.name as keyof typeof kinds)
      : undefined;
    const name = item?.value ?? item?.default;
    if (!kind || typeof name !== 'string' || name === '' || name.includes('{{'))
      return [];
    const known = after[kinds[kind]].some(other => other.name === name);
    if (known) return [];
    const wasThere = before?.[kinds[kind]].some(other => other.name === name);
    const at: FieldPath = [
      'spec',
      'arguments',
      'parameters',
      index,
      item.value === undefined ? 'default' : 'value',
    ];
    const message = wasThere
      ? `'${document.name}' names the ${kind} '${name}', which this change removes.`
      : `'${document.name}' names the ${kind} '${name}'; there is no file ${kinds[kind]}/${name}.yaml.`;
    return [toProblem(inner, at, message, wasThere ? 'error' : 'warning')];
  });
}

// A name within a text, as in `node src/fit.ts`, not as a part of a longer one.
function removedFiles(document: ParsedWorkflow, gone: string[]): Problem[] {
  if (gone.length === 0) return [];
  const found: Problem[] = [];
  const visit = (value: unknown, at: FieldPath) => {
    if (typeof value === 'string') {
      const path = gone.find(name => names(value, name));
      if (path)
        found.push(
          toProblem(
            document,
            at,
            `'${document.name}' runs or reads '${path}', which this change removes.`,
            'error',
          ),
        );
    } else if (typeof value === 'object' && value !== null)
      for (const [key, item] of Object.entries(value))
        visit(item, [...at, Array.isArray(value) ? Number(key) : key]);
  };
  visit(document.manifest, []);
  return found;
}

function names(text: string, path: string): boolean {
  const at = text.indexOf(path);
  if (at < 0) return false;
  const isWord = (char: string | undefined) =>
    char !== undefined && /[\w.-]/.test(char);
  return !isWord(text[at - 1]) && !isWord(text[at + path.length]);
}

function toProblem(
  document: ParsedWorkflow,
  at: FieldPath,
  message: string,
  severity: Problem['severity'],
): Problem {
  return {
    file: document.file,
    ...document.locate(at),
    code: 'dangling-reference',
    message,
    severity,
  };
}
