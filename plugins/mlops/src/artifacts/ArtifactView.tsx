import { useApi } from '@backstage/core-plugin-api';
import { Button } from '@backstage/ui';
import type { Artifact } from '@backstage-mlops/argo-engine';
import { useState } from 'react';
import { artifactRoute } from '../api/MlopsClient';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useQuery } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Inline } from '../ui/Page';
import { Picture } from '../ui/Picture';
import { saveFile } from '../ui/saveFile';
import styles from './ArtifactView.module.css';
import { FileContent } from './FileContent';
import { fileKind, toFolder } from './fileKind';
import { FolderView } from './FolderView';

/** Where an artifact comes from. */
export interface ArtifactPlace {
  run: string;
  node: string;
  name: string;
}

/** An artifact of a step: closed until someone wants to see it, or the address says so. */
export function ArtifactView(props: {
  run: string;
  node: string;
  artifact: Artifact;
  side: string;
  open?: boolean;
}) {
  const { run, node, artifact, side } = props;
  const [query, change] = useQuery();
  const isNamed = query.get('artifact') === artifact.name;
  const [open, setOpen] = useState(props.open || isNamed);
  const toggle = (next: boolean) => {
    // The browser tells of what was open from the beginning, too.
    if (next === open) return;
    setOpen(next);
    if (next || isNamed)
      change({ artifact: next ? artifact.name : undefined, file: undefined });
  };
  const place = { run, node, name: artifact.name };
  const fileName = artifact.path?.split('/').pop() ?? artifact.name;
  return (
    <details
      className={styles.artifact}
      open={open}
      onToggle={event => toggle(event.currentTarget.open)}
    >
      <summary>
        <strong>{artifact.name}</strong>{' '}
        <span className={styles.side}>{side}</span>
      </summary>
      {open && <Content place={place} fileName={fileName} />}
    </details>
  );
}

function Content(props: { place: ArtifactPlace; fileName: string }) {
  const { place, fileName } = props;
  const route = artifactRoute(place.run, place.node, { name: place.name });
  const picture = fileKind(fileName) === 'picture';
  return (
    <>
      {picture ? (
        <div className={styles.picture}>
          <Picture from={route} alt={fileName} />
        </div>
      ) : (
        <TextOrFolder place={place} fileName={fileName} route={route} />
      )}
    </>
  );
}

function TextOrFolder(props: {
  place: ArtifactPlace;
  fileName: string;
  route: string;
}) {
  const { place, fileName, route } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const content = useResource({
    key: `artifact ${route}`,
    load: () => api.readText(route),
  });
  return (
    <Fetched of={content} what={t('what.file')}>
      {text => {
        const entries = toFolder(text);
        if (entries) return <FolderView place={place} entries={entries} />;
        return (
          <>
            <Inline>
              <Download route={route} name={fileName} />
            </Inline>
            <FileContent name={fileName} text={text} />
          </>
        );
      }}
    </Fetched>
  );
}

/** Gives a file of the portal to the reader's disk. */
export function Download({ route, name }: { route: string; name: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  return (
    <Button
      size="small"
      variant="tertiary"
      onPress={async () => saveFile(await api.readBlob(route), name)}
    >
      {t('node.download')}
    </Button>
  );
}
