/* A seed of one project for `npm start`: the project file of a sample under another name, and one pipeline. */
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/starter.ts';

/** Writes the project into a folder that `mlops.gitops.seed.from` can name. */
export function seedProject(
  seed: string,
  project: { name: string; pipeline: string; text: string },
) {
  const samples = path.join(root, 'ml-projects');
  const sample = fs
    .readdirSync(samples)
    .find(name => fs.existsSync(path.join(samples, name, 'mlproject.yaml')))!;
  const folder = path.join(seed, 'ml-projects', project.name);
  fs.mkdirSync(path.join(folder, 'pipelines'), { recursive: true });
  const file = fs.readFileSync(
    path.join(samples, sample, 'mlproject.yaml'),
    'utf8',
  );
  fs.writeFileSync(
    path.join(folder, 'mlproject.yaml'),
    file.replace(`name: ${sample}\n`, `name: ${project.name}\n`),
  );
  fs.writeFileSync(
    path.join(folder, `pipelines/${project.pipeline}.yaml`),
    project.text,
  );
}
