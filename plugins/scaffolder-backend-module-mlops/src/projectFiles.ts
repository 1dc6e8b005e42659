/* The files of a new project: the skeleton of its task, with what a person answered in the right places. */
import { applyEdits, type FileEdit } from '@backstage-mlops/mlops-core';
import fs from 'node:fs/promises';
import path from 'node:path';

/** What is asked of a person. */
export interface ProjectAnswers {
  name: string;
  title: string;
  owner: string;
  task: 'image-classification' | 'tabular-classification';
  decides: string;
  forWhom: string;
  whyMachineLearning: string;
  costOfWrongAnswer: string;
  /** The rule that the model has to beat. */
  baseline: string;
  /** Where real data are. */
  data: string;
}

type FieldEdits = Extract<FileEdit, { set: unknown }>['set'];

/** All files as edits, below the folder of the project. */
export async function projectFiles(
  skeletons: string,
  folder: string,
  answers: ProjectAnswers,
): Promise<{ path: string; content: string }[]> {
  const texts = new Map([
    ...(await readTree(path.join(skeletons, 'common'))),
    ...(await readTree(path.join(skeletons, answers.task))),
  ]);
  fillTexts(texts, answers);
  const { files, faults } = applyEdits(
    [...fieldsOf(folder, answers)].map(([file, set]) => ({ path: file, set })),
    file => {
      const text = texts.get(file);
      return text === undefined
        ? undefined
        : { mode: '100644', sizeBytes: text.length, text };
    },
  );
  if (faults.length > 0)
    throw new Error(faults.map(({ message }) => message).join(' '));
  for (const { path: file, content } of files)
    texts.set(file, content as string);
  return [...texts]
    .map(([file, content]) => ({ path: `${folder}/${file}`, content }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readTree(folder: string): Promise<[string, string][]> {
  const entries = await fs.readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return Promise.all(
    entries
      .filter(entry => entry.isFile())
      .map(async entry => {
        const file = path.join(entry.parentPath, entry.name);
        const name = path.relative(folder, file).split(path.sep).join('/');
        return [name, await fs.readFile(file, 'utf8')] as [string, string];
      }),
  );
}

// Words for people; one line each, so that none can begin a heading or a list of its own.
function fillTexts(texts: Map<string, string>, answers: ProjectAnswers): void {
  const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();
  for (const [file, text] of texts) {
    if (!/\.md$|^Dockerfile$/.test(file)) continue;
    texts.set(
      file,
      text.replace(/%(\w+)%/g, (whole, name) => {
        const key = name === 'rule' ? 'baseline' : name;
        return Object.hasOwn(answers, key)
          ? oneLine(answers[key as keyof ProjectAnswers])
          : whole;
      }),
    );
  }
  const manifest = JSON.parse(texts.get('package.json')!);
  texts.set(
    'package.json',
    `${JSON.stringify(
      {
        ...manifest,
        name: `@ml-projects/${answers.name}`,
        description: oneLine(answers.decides),
      },
      null,
      2,
    )}\n`,
  );
}

function fieldsOf(
  folder: string,
  answers: ProjectAnswers,
): Map<string, FieldEdits> {
  const isImage = answers.task === 'image-classification';
  const problem = (name: keyof ProjectAnswers) => ({
    at: ['spec', 'problem', name],
    value: answers[name].trim(),
  });
  return new Map<string, FieldEdits>([
    [
      'mlproject.yaml',
      [
        { at: ['metadata', 'name'], value: answers.name },
        { at: ['metadata', 'title'], value: answers.title },
        {
          at: ['metadata', 'tags', 0],
          value: isImage ? 'image' : 'tabular',
        },
        { at: ['metadata', 'tags', 1], value: 'classification' },
        { at: ['spec', 'owner'], value: answers.owner },
        problem('decides'),
        problem('forWhom'),
        problem('whyMachineLearning'),
        problem('costOfWrongAnswer'),
        { at: ['spec', 'baseline', 'rule'], value: answers.baseline.trim() },
        {
          at: ['spec', 'nextSteps', 1],
          value: `Real data: ${answers.data.trim()}`,
        },
      ],
    ],
    [
      'models/classifier.yaml',
      [
        { at: ['spec', 'task'], value: answers.task },
        {
          at: ['spec', 'classes'],
          value: isImage ? ['cross', 'round'] : ['accept', 'reject'],
        },
      ],
    ],
    [
      'pipelines/train.yaml',
      [
        {
          at: ['spec', 'arguments', 'parameters', 7, 'value'],
          value: folder,
        },
      ],
    ],
  ]);
}
