/* Whether a run may begin: its file, its arguments, its limits and the machine; every reason at once, before anything is stored. */
import {
  submitProblems,
  type ParsedWorkflow,
  type Workflow,
} from '@backstage-mlops/argo-engine';
import {
  InputError,
  portalParameters,
  type RunRequest,
} from '@backstage-mlops/mlops-core';
import {
  probeControlGroups,
  probeIsolation,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import type { Runnable } from '../projects/findPipeline';
import type { ClusterRuns } from './ClusterRuns';

/** What one run may take. */
export interface RunLimits {
  queuedRuns: number;
  argumentBytes: number;
  runSeconds: number;
}

/** What decides whether a run may begin. */
export interface RunAdmissionOptions {
  gitopsUrl: string;
  runner: LocalStepRunner;
  /** Projects that may run without isolation. */
  trust: string[];
  clusters: ClusterRuns;
  limits: RunLimits;
  /** Whether runs may begin on this machine. */
  engineIsOn: boolean;
}

/** What a run is held against. Each method throws an InputError with its reasons. */
export class RunAdmission {
  constructor(private readonly options: RunAdmissionOptions) {}

  /** The document of a pipeline that can run. */
  checked({ document, problems, file }: Runnable): ParsedWorkflow {
    const errors = problems.filter(problem => problem.severity === 'error');
    if (document && errors.length === 0) {
      if (document.manifest.spec.entrypoint) return document;
      throw new InputError(
        `${file} has no entrypoint: its templates are for others to call.`,
        'invalid-file',
      );
    }
    const lines = errors
      .slice(0, 20)
      .map(
        problem =>
          `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`,
      );
    throw new InputError(
      `The pipeline cannot run: ${
        lines.join('; ') || `${file} cannot be read`
      }`,
      'invalid-file',
    );
  }

  /** Arguments are known, complete, and not those that the portal sets. */
  checkArguments(
    document: ParsedWorkflow,
    given: Record<string, string>,
  ): void {
    const own = Object.keys(given).find(name =>
      portalParameters.includes(name),
    );
    if (own)
      throw new InputError(
        `parameters.${own} is set by the portal and cannot be given.`,
        'invalid-field',
      );
    const problems = submitProblems(document, {
      ...Object.fromEntries(
        portalParameters
          .filter(name =>
            document.manifest.spec.arguments?.parameters?.some(
              (item: any) => item.name === name,
            ),
          )
          .map(name => [name, '']),
      ),
      ...given,
    });
    if (problems.length > 0)
      throw new InputError(
        problems
          .map(problem => `parameters.${problem.parameter}: ${problem.message}`)
          .join(' '),
        'invalid-field',
      );
  }

  /** What is over a limit is refused with its number; a run without a deadline gets the longest one. */
  limited(workflow: Workflow): Workflow {
    const { limits } = this.options;
    const bytes = Buffer.byteLength(
      JSON.stringify(workflow.spec.arguments?.parameters ?? []),
    );
    if (bytes > limits.argumentBytes)
      throw new InputError(
        `parameters have ${bytes} bytes; at most ${limits.argumentBytes} are taken (mlops.limits.argumentBytes).`,
        'limit-exceeded',
      );
    const seconds = Number(workflow.spec.activeDeadlineSeconds);
    if (seconds > limits.runSeconds)
      throw new InputError(
        `spec.activeDeadlineSeconds is ${seconds}; at most ${limits.runSeconds} are allowed (mlops.limits.runSeconds).`,
        'limit-exceeded',
      );
    return {
      ...workflow,
      spec: {
        ...workflow.spec,
        activeDeadlineSeconds:
          workflow.spec.activeDeadlineSeconds ?? limits.runSeconds,
      },
    };
  }

  /** How steps are isolated on this machine, and what is to be noted of it. */
  async onThisMachine(project: string, document: ParsedWorkflow) {
    if (!this.options.engineIsOn)
      throw new InputError(
        'No run can begin: the engine of this machine is off in production. Set mlops.local.enabled to let steps run here.',
        'engine-off',
      );
    this.checkSteps(document);
    const { isolation, notes } = await this.isolationFor(project);
    const { cpu, reason } = await probeControlGroups();
    const asks = document.manifest.spec.templates?.some(
      ({ container, script }: any) =>
        (container ?? script)?.resources?.limits?.cpu !== undefined,
    );
    return {
      isolation,
      notes:
        asks && !cpu
          ? [
              ...notes,
              `Nothing holds the steps to resources.limits.cpu here: ${reason}.`,
            ]
          : notes,
    };
  }

  /** The cluster can read the repository, and nothing is asked that it cannot do. */
  onCluster({ reuse }: RunRequest) {
    this.options.clusters.checkReachable(this.options.gitopsUrl);
    if (reuse)
      throw new InputError(
        'reuse is for runs of this machine: a cluster takes over nothing of an earlier run.',
        'invalid-field',
      );
    return { isolation: 'none' as const, notes: [] };
  }

  // What the steps of this machine cannot do is said before the run, not by a step in the middle of it.
  private checkSteps(document: ParsedWorkflow): void {
    const templates: any[] = document.manifest.spec.templates ?? [];
    templates.forEach((template, position) => {
      if (!template.container && !template.script) return;
      const [problem] = [
        ...this.options.runner.problemsOf(template),
        ...this.repositoryProblems(template),
      ];
      if (!problem) return;
      const { line, column } = document.locate([
        'spec',
        'templates',
        position,
        ...problem.path
          .split(/[.[\]]+/)
          .filter(part => part !== '')
          .map(part => (/^\d+$/.test(part) ? Number(part) : part)),
      ]);
      throw new InputError(
        `${document.file}:${line}:${column}: spec.templates[${position}].${problem.path}: ${problem.message}`,
        problem.code,
      );
    });
  }

  // A tag is looked at when the step begins.
  private repositoryProblems(template: any) {
    const artifacts: any[] = template.inputs?.artifacts ?? [];
    return artifacts.flatMap(({ git }, position) => {
      const repo = git?.repo;
      return typeof repo !== 'string' ||
        repo.includes('{{') ||
        repo === this.options.gitopsUrl
        ? []
        : [
            {
              path: `inputs.artifacts[${position}].git.repo`,
              code: 'invalid-file' as const,
              message: `'${repo}' is not the GitOps repository of this portal, the only one that steps of this machine read`,
            },
          ];
    });
  }

  private async isolationFor(
    project: string,
  ): Promise<{ isolation: 'namespaces' | 'none'; notes: string[] }> {
    const { available, reason } = await probeIsolation();
    if (available) return { isolation: 'namespaces', notes: [] };
    if (!this.options.trust.includes(project))
      throw new InputError(
        `Steps cannot be isolated here (${reason}), and project '${project}' is not listed in mlops.local.trust, so it may not run.`,
        'untrusted-project',
      );
    return {
      isolation: 'none',
      notes: [
        `Steps run without isolation: ${reason}, and the project is listed in mlops.local.trust.`,
      ],
    };
  }
}

/** What lets the run begin and may end it. */
export const warningsOf = ({ problems }: Runnable): string[] =>
  problems
    .filter(problem => problem.severity === 'warning')
    .slice(0, 20)
    .map(
      ({ file, line, column, message }) =>
        `${file}:${line}:${column}: ${message}.`,
    );
