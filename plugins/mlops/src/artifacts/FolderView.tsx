import { useApi } from '@backstage/core-plugin-api';
import { artifactRoute } from '../api/MlopsClient';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useQuery } from '../routing';
import { useText } from '../translation';
import { bytes } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Stack } from '../ui/Page';
import { Gallery } from '../ui/Picture';
import { Table } from '../ui/Table';
import { Download, type ArtifactPlace } from './ArtifactView';
import styles from './ArtifactView.module.css';
import { FileContent } from './FileContent';
import { fileKind, type FolderEntry } from './fileKind';

const mostPictures = 48;
const mostFiles = 200;
/** A larger file is downloaded, not shown. */
const mostShownBytes = 5_000_000;

/** The files of a folder: pictures at once, others when they are chosen. */
export function FolderView(props: {
  place: ArtifactPlace;
  entries: FolderEntry[];
}) {
  const { place, entries } = props;
  const [query, change] = useQuery();
  const file = query.get('artifact') === place.name && query.get('file');
  const chosen = entries.find(({ path }) => path === file)?.path;
  const choose = (path: string) =>
    change({ artifact: place.name, file: path }, 'step');
  const routeOf = (below: string) =>
    artifactRoute(place.run, place.node, { name: place.name, below });
  const isPicture = ({ path }: FolderEntry) => fileKind(path) === 'picture';
  const pictures = entries.filter(isPicture).slice(0, mostPictures);
  const files = entries.filter(entry => !isPicture(entry)).slice(0, mostFiles);
  return (
    <Stack>
      {pictures.length > 0 && (
        <Gallery
          items={pictures.map(({ path }) => ({
            key: path,
            from: routeOf(path),
            alt: path,
            caption: path,
          }))}
        />
      )}
      {files.length > 0 && (
        <Files files={files} routeOf={routeOf} onChoose={choose} />
      )}
      {chosen && <OneFile name={chosen} route={routeOf(chosen)} />}
    </Stack>
  );
}

function Files(props: {
  files: FolderEntry[];
  routeOf(path: string): string;
  onChoose(path: string): void;
}) {
  const t = useText();
  return (
    <Table
      label={t('node.files')}
      columns={[
        t('node.file'),
        { title: t('node.size'), figures: true },
        t('node.download'),
      ]}
      rows={props.files.map(({ path, sizeBytes }) => ({
        key: path,
        cells: [
          fileKind(path) === 'unknown' || sizeBytes > mostShownBytes ? (
            path
          ) : (
            <button
              type="button"
              className={styles.file}
              onClick={() => props.onChoose(path)}
            >
              {path}
            </button>
          ),
          bytes(sizeBytes),
          <Download
            route={props.routeOf(path)}
            name={path.split('/').pop()!}
          />,
        ],
      }))}
    />
  );
}

function OneFile({ name, route }: { name: string; route: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const text = useResource({
    key: `file ${route}`,
    load: () => api.readText(route),
  });
  return (
    <Fetched of={text} what={t('what.file')}>
      {value => <FileContent name={name} text={value} />}
    </Fetched>
  );
}
