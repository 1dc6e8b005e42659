import { useApi } from '@backstage/core-plugin-api';
import type { ChangeRequest, Effect } from '@backstage-mlops/mlops-core';
import { useEffect, useState } from 'react';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { faultText } from '../../ui/Fetched';

/** Milliseconds without a key before the portal is asked. */
export const restMs = 250;

/** The newest answer, and whether it is still that of the edits on the page. */
export interface EffectState {
  effect?: Effect;
  fault?: string;
  /** The edits have changed since; the answer to them is on its way. */
  stale: boolean;
}

/** Asks what edits would do as soon as nobody types; an answer to older edits is dropped. */
export function useEffectOf(request: ChangeRequest | undefined): EffectState {
  const api = useApi(mlopsApiRef);
  const [seen, setSeen] = useState<{
    key: string;
    effect?: Effect;
    fault?: string;
  }>();
  const key = request ? JSON.stringify(request) : '';
  useEffect(() => {
    if (key === '') return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      api.getEffect(JSON.parse(key), stop.signal).then(
        effect => stop.signal.aborted || setSeen({ key, effect }),
        error =>
          stop.signal.aborted || setSeen({ key, fault: faultText(error) }),
      );
    }, restMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [api, key]);
  return {
    effect: seen?.effect,
    fault: seen?.key === key ? seen.fault : undefined,
    stale: key !== '' && seen?.key !== key,
  };
}
