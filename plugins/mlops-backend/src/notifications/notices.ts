/* Who is told what. Pure: a run or a request gives a notice, or none. */
import type {
  Change,
  PortalPages,
  RunSummary,
} from '@backstage-mlops/mlops-core';

/** A notice before it is sent. */
export interface Notice {
  /** Entity references: people and groups. */
  to: string[];
  /** Who did it, and need not be told. */
  except?: string;
  title: string;
  description?: string;
  /** Page below the root of the portal. */
  link: string;
  severity: 'high' | 'normal';
  /** One notice for one thing: a later one takes its place. */
  scope: string;
}

type EndedRun = Pick<
  RunSummary,
  'id' | 'project' | 'pipeline' | 'phase' | 'message' | 'trigger'
>;

// Argo calls a run failed that a person stopped.
const wasStopped = ({ message }: EndedRun) =>
  message?.startsWith('Stopped with strategy') ?? false;

const isRef = (ref: string | undefined): ref is string =>
  /^(user|group):[^/]+\/.+$/.test(ref ?? '');

const unique = (refs: (string | undefined)[]) => [
  ...new Set(refs.filter(isRef)),
];

/** A run that failed is told to the owner of its project and to who started it. */
export function noticeOfRun(
  run: EndedRun,
  owner: string | undefined,
  pages: PortalPages,
): Notice | undefined {
  if (run.phase !== 'Failed' && run.phase !== 'Error') return undefined;
  if (wasStopped(run)) return undefined;
  const { id, project, pipeline, message, trigger } = run;
  const to = unique([
    owner,
    trigger.kind === 'person' ? trigger.by : undefined,
  ]);
  if (to.length === 0) return undefined;
  return {
    to,
    title: `Run of ${pipeline} in ${project} failed`,
    description: message?.slice(0, 500),
    link: pages.run(id),
    severity: 'high',
    scope: `mlops:run:${id}`,
  };
}

/** An open request is told to those who were asked to look at it, or whose approval it needs; else to the owner of its project. */
export function noticeOfChange(
  change: Pick<
    Change,
    | 'id'
    | 'title'
    | 'project'
    | 'state'
    | 'draft'
    | 'author'
    | 'reviewers'
    | 'requiredReviewers'
  >,
  owner: string | undefined,
  pages: PortalPages,
): Notice | undefined {
  if (change.state !== 'open' || change.draft) return undefined;
  const asked = unique([...change.reviewers, ...change.requiredReviewers]);
  const to = (asked.length > 0 ? asked : unique([owner])).filter(
    ref => ref !== change.author,
  );
  if (to.length === 0) return undefined;
  return {
    to,
    except: isRef(change.author) ? change.author : undefined,
    title: `${change.title} waits for you`,
    description: `A change of ${change.project} is to be looked at.`,
    link: pages.change(change.id),
    severity: 'normal',
    scope: `mlops:change:${change.id}`,
  };
}
