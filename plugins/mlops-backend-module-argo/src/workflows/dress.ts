/*
 * What every pod gets beside what its template asks for: the environment of its run, and the profile that Kubernetes calls
 * restricted.
 */
import { secretName } from './names';

/** What all runs on one cluster share. */
export interface ClusterDefaults {
  namespace: string;
  /** Service account of pods; it needs to report results only. */
  serviceAccount: string;
  /** Label `workflows.argoproj.io/controller-instanceid` of the controller, when it has one. */
  instanceId?: string;
}

/** Fields of a workflow that make its pods restricted; no pod gets a token of the API but the executor's own. */
export function restricted({ serviceAccount }: ClusterDefaults) {
  return {
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: false,
    executor: { serviceAccountName: serviceAccount },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    podGC: { strategy: 'OnWorkflowCompletion', deleteDelayDuration: '60s' },
    archiveLogs: false,
  };
}

const containerContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/**
 * A spec whose steps read the named values. They are written into no template, since they change with every run: steps read
 * them from the run's Secret.
 */
export function dressed(
  spec: Record<string, any>,
  values: string[],
): Record<string, any> {
  const env = [...values].sort().map(name => ({
    name,
    valueFrom: {
      secretKeyRef: { name: secretName('{{workflow.name}}'), key: name },
    },
  }));
  const dress = (template: any): any => {
    for (const part of ['container', 'script'])
      if (template[part]) {
        const { env: own = [], ...rest } = template[part];
        template[part] = {
          ...rest,
          // A step that sets a name itself means its own value.
          env: [
            ...env.filter(item => !own.some((o: any) => o.name === item.name)),
            ...own,
          ],
          securityContext: containerContext,
        };
      }
    for (const member of [
      ...(template.steps ?? []).flat(),
      ...(template.dag?.tasks ?? []),
    ])
      if (member.inline) dress(member.inline);
    return template;
  };
  return {
    ...spec,
    ...(spec.templates ? { templates: spec.templates.map(dress) } : {}),
    ...(spec.templateDefaults
      ? { templateDefaults: dress(spec.templateDefaults) }
      : {}),
  };
}
