import { useApi } from '@backstage/core-plugin-api';
import { useEffect, useState, type ReactNode } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import styles from './Picture.module.css';

/** A picture behind the sign-in: fetched with the person's credentials, shown from memory. */
export function Picture({ from, alt }: { from: string; alt: string }) {
  const api = useApi(mlopsApiRef);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let over = false;
    api.readBlob(from).then(
      blob => {
        if (over) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      // The empty frame with its text says that the picture is not there.
      () => undefined,
    );
    return () => {
      over = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [api, from]);
  return url ? (
    <img className={styles.picture} src={url} alt={alt} />
  ) : (
    <div className={styles.picture} role="img" aria-label={alt} />
  );
}

/** Pictures with their captions. */
export function Gallery(props: {
  items: { key: string; from: string; alt: string; caption: ReactNode }[];
}) {
  return (
    <div className={styles.gallery}>
      {props.items.map(({ key, from, alt, caption }) => (
        <figure key={key}>
          <Picture from={from} alt={alt} />
          <figcaption>{caption}</figcaption>
        </figure>
      ))}
    </div>
  );
}
