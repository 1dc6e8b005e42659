import type { WorkflowState } from '@backstage-mlops/argo-engine';
import type { AttemptEnd } from './AttemptStore';

/** What leads one run to its end, on this machine or on a cluster. */
export interface RunDriver {
  /** LeaseLostError when another portal goes on with the run. */
  toEnd(): Promise<WorkflowState>;
  requestControl(): void;
  requestShutdown(shutdown: 'Stop' | 'Terminate'): void;
  /** The lease is gone: stops without touching anything. */
  giveUp(): void;
  /** There is news of it elsewhere. */
  hearNews?(): void;
  /** The engine failed: ends what runs, and tells which attempts ended with it. */
  breakOff?(): Promise<AttemptEnd[]>;
  /** The portal ends. */
  endWithPortal(): Promise<void>;
}
