import { useParams, Route, Routes } from 'react-router-dom';
import { ModelPage } from './models/ModelPage';
import { VersionPage } from './models/VersionPage';
import { DatasetPage } from './datasets/DatasetPage';
import { PipelinePage } from './pipelines/PipelinePage';
import { HomePage } from './projects/HomePage';
import { ProjectPage } from './projects/ProjectPage';
import { patterns } from './routing';
import { RunForm } from './runs/RunForm';
import { RunPage } from './runs/RunPage';

type Names = Record<string, string>;

/** Gives a page the parameters of its address. */
function With({ show }: { show(names: Names): JSX.Element }) {
  return show(useParams() as Names);
}

/** All pages of the plugin below its mount point. */
export function App() {
  return (
    <Routes>
      <Route
        path={patterns.startRun}
        element={
          <With
            show={({ project, pipeline }) => (
              <RunForm project={project} name={pipeline} />
            )}
          />
        }
      />
      <Route
        path={patterns.pipeline}
        element={
          <With
            show={({ project, pipeline }) => (
              <PipelinePage
                key={`${project}/${pipeline}`}
                project={project}
                name={pipeline}
              />
            )}
          />
        }
      />
      <Route
        path={patterns.version}
        element={
          <With
            show={({ project, model, version }) => (
              <VersionPage project={project} model={model} version={version} />
            )}
          />
        }
      />
      <Route
        path={patterns.model}
        element={
          <With
            show={({ project, model }) => (
              <ModelPage project={project} name={model} />
            )}
          />
        }
      />
      <Route
        path={patterns.dataset}
        element={
          <With
            show={({ project, dataset }) => (
              <DatasetPage project={project} name={dataset} />
            )}
          />
        }
      />
      <Route
        path={patterns.projectTab}
        element={
          <With
            show={({ project, tab }) => (
              <ProjectPage name={project} tab={tab} />
            )}
          />
        }
      />
      <Route
        path={patterns.project}
        element={
          <With show={({ project }) => <ProjectPage name={project} />} />
        }
      />
      <Route
        path={patterns.run}
        element={<With show={({ run }) => <RunPage key={run} id={run} />} />}
      />
      <Route path="*" element={<HomePage />} />
    </Routes>
  );
}
