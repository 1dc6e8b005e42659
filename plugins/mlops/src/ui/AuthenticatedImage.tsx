import { useApi } from '@backstage/core-plugin-api';
import { useEffect, useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';

/** A picture behind the sign-in: fetched with the person's credentials, shown from memory. */
export function AuthenticatedImage({
  route,
  alt,
}: {
  route: string;
  alt: string;
}) {
  const api = useApi(mlopsApiRef);
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let over = false;
    api.readBlob(route).then(
      blob => {
        if (over) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      () => undefined,
    );
    return () => {
      over = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [api, route]);
  return url ? (
    <img src={url} alt={alt} />
  ) : (
    <div role="img" aria-label={alt} style={{ aspectRatio: '1' }} />
  );
}
