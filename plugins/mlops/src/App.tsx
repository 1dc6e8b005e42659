import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router-dom';
import { ChangePage } from './changes/ChangePage';
import { ChangesPage } from './changes/ChangesPage';
import { DatasetPage } from './datasets/DatasetPage';
import { ModelPage } from './models/ModelPage';
import { VersionPage } from './models/VersionPage';
import { PipelinePage } from './pipelines/PipelinePage';
import { PromotePage } from './promotions/PromotePage';
import { HomePage } from './projects/HomePage';
import { ProjectPage } from './projects/ProjectPage';
import { patterns, useNames } from './routing';
import { RunForm } from './runs/RunForm';
import { RunPage } from './runs/RunPage';
import { Outline } from './ui/Fetched';

// The editor of text and the language of pipelines are large; they are fetched when somebody changes something.
const EditorPage = lazy(() =>
  import('./changes/editor/EditorPage').then(({ EditorPage: page }) => ({
    default: page,
  })),
);

const FilesPage = lazy(() =>
  import('./changes/files/FilesPage').then(({ FilesPage: page }) => ({
    default: page,
  })),
);

const pages: Record<
  keyof typeof patterns,
  (names: Record<string, string>) => JSX.Element
> = {
  startRun: ({ project, pipeline }) => (
    <RunForm project={project} name={pipeline} />
  ),
  pipeline: ({ project, pipeline }) => (
    <PipelinePage project={project} name={pipeline} />
  ),
  promote: names => (
    <PromotePage
      project={names.project}
      model={names.model}
      version={names.version}
    />
  ),
  version: names => (
    <VersionPage
      project={names.project}
      model={names.model}
      version={names.version}
    />
  ),
  model: ({ project, model }) => <ModelPage project={project} name={model} />,
  dataset: ({ project, dataset }) => (
    <DatasetPage project={project} name={dataset} />
  ),
  projectTab: ({ project, tab }) => <ProjectPage name={project} tab={tab} />,
  project: ({ project }) => <ProjectPage name={project} />,
  run: ({ run }) => <RunPage key={run} id={run} />,
  changes: () => <ChangesPage />,
  newChange: () => (
    <Suspense fallback={<Outline />}>
      <EditorPage />
    </Suspense>
  ),
  editFiles: () => (
    <Suspense fallback={<Outline />}>
      <FilesPage />
    </Suspense>
  ),
  change: ({ change }) => <ChangePage key={change} id={change} />,
};

function Named(props: { page: keyof typeof patterns }) {
  return pages[props.page](useNames());
}

/** All pages of the plugin below its mount point. */
export function App() {
  return (
    <main>
      <Routes>
        {Object.entries(patterns).map(([page, path]) => (
          <Route
            key={page}
            path={path}
            element={<Named page={page as keyof typeof patterns} />}
          />
        ))}
        <Route path="*" element={<HomePage />} />
      </Routes>
    </main>
  );
}
