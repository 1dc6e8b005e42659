import { useState } from 'react';
import { faultText } from './Fetched';

/** Does something once at a time, and keeps what the portal had against it. */
export function useAction() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string>();
  const act = async (work: () => Promise<void>) => {
    setBusy(true);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      setFault(faultText(error as Error));
    } finally {
      setBusy(false);
    }
  };
  return { act, busy, fault };
}
