import type { Inputs, Outputs } from '@backstage-mlops/argo-engine';

/** The fields of a leaf template that running it needs, after substitution. */
export interface LeafTemplate {
  name?: string;
  container?: ContainerBody;
  script?: ContainerBody & { source: string };
  inputs?: Inputs;
  outputs?: Outputs;
}

/** What container and script templates have in common. */
export interface ContainerBody {
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value?: string }[];
  workingDir?: string;
  /** Empty folders of the step's own. */
  volumeMounts?: { name: string; mountPath: string }[];
  resources?: { limits?: Record<string, string | number> };
}

/** The container of a leaf template, of either kind. */
export function containerOf({
  container,
  script,
}: LeafTemplate): ContainerBody {
  const body = container ?? script;
  if (!body)
    throw new Error('the template has neither a container nor a script');
  return body;
}

/** Absolute paths that a template declares, with the field that declares each. */
export function declaredPaths({
  inputs = {},
  outputs = {},
  container,
  script,
}: LeafTemplate): { field: string; path: string }[] {
  const kind = script ? 'script' : 'container';
  const found: { field: string; path?: string }[] = [
    ...((container ?? script)?.volumeMounts ?? []).map((mount, index) => ({
      field: `${kind}.volumeMounts[${index}].mountPath`,
      path: mount.mountPath,
    })),
    ...(inputs.artifacts ?? []).map((artifact, index) => ({
      field: `inputs.artifacts[${index}].path`,
      path: artifact.path,
    })),
    ...(outputs.artifacts ?? []).map((artifact, index) => ({
      field: `outputs.artifacts[${index}].path`,
      path: artifact.path,
    })),
    ...(outputs.parameters ?? []).map((parameter, index) => ({
      field: `outputs.parameters[${index}].valueFrom.path`,
      path: parameter.valueFrom?.path,
    })),
  ];
  return found.filter(
    (item): item is { field: string; path: string } =>
      typeof item.path === 'string',
  );
}

// Here the step sees the host's programs, read-only, or the kernel's own folders.
const system =
  /^\/(?:proc|dev|sys|etc|usr|bin|sbin|lib|lib32|lib64|libx32|opt\/node)(?:\/|$)/;

/** Why a path cannot belong to a step; undefined when it can. */
export function faultOfPath(inside: string): string | undefined {
  if (inside.includes('{{')) return undefined;
  if (!inside.startsWith('/') || inside.includes('\0'))
    return `'${inside}' is not an absolute path`;
  const parts = inside.split('/').filter(Boolean);
  if (parts.includes('..')) return `'${inside}' climbs with '..'`;
  const plain = `/${parts.filter(part => part !== '.').join('/')}`;
  if (plain === '/') return `'${inside}' is the root of the step`;
  return system.test(plain)
    ? `'${inside}' lies in a folder of the system, which steps only read`
    : undefined;
}
