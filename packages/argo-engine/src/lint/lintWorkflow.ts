import type { ParsedWorkflow } from '../documents/parseWorkflows';
import type { TemplateLookup } from '../documents/resolveWorkflow';
import type { Problem } from '../types';
import { checkCron } from './checkCron';
import { checkDefinitions } from './checkDefinitions';
import { checkGlobals } from './checkGlobals';
import { checkLiterals } from './checkLiterals';
import { checkReferences } from './checkReferences';
import { checkShape, Findings } from './checkShape';
import { checkTemplates } from './checkTemplates';
import { cronShape, documentShape } from './shapes';
import { checkTemplateFile, TemplateFinder } from './templateFinder';

/**
 * All faults of a document: its fields, what they refer to, and what the local engine does not run. Fields without effect
 * on one machine are notices. `files` finds the files that a `templateRef` or `workflowTemplateRef` names; without it they are
 * not found.
 *
 * @public
 */
export function lintWorkflow(
  document: ParsedWorkflow,
  files: TemplateLookup = () => undefined,
): Problem[] {
  const findings = new Findings(document);
  const { manifest } = document;
  checkShape(
    manifest,
    document.kind === 'CronWorkflow' ? cronShape : documentShape,
    [],
    findings,
  );
  const shapeIsRight = findings.problems.every(
    problem =>
      problem.severity !== 'error' ||
      problem.code === 'unsupported-field' ||
      problem.code === 'unknown-field',
  );
  checkObjectName(document, findings);
  if (!shapeIsRight) return findings.problems;
  if (document.kind !== 'CronWorkflow') checkSpec(document, files, findings);
  else {
    checkCron(manifest.spec, findings);
    const inner = workflowOf(document);
    const found = new Findings(inner);
    checkSpec(inner, files, found);
    findings.problems.push(...found.problems);
  }
  return findings.problems;
}

/** What a schedule starts, as a document of its own. Places are those of the schedule's file. @public */
export function workflowOf(schedule: ParsedWorkflow): ParsedWorkflow {
  const { manifest } = schedule;
  return {
    ...schedule,
    kind: 'Workflow',
    manifest: { ...manifest, spec: manifest.spec.workflowSpec },
    locate: path =>
      schedule.locate(
        path[0] === 'spec' ? ['spec', 'workflowSpec', ...path.slice(1)] : path,
      ),
  };
}

function checkSpec(
  { manifest, kind }: ParsedWorkflow,
  files: TemplateLookup,
  findings: Findings,
): void {
  const { spec } = manifest;
  checkPodGc(spec, findings);
  const ref = spec.workflowTemplateRef;
  if (ref) {
    checkTemplateFile(ref, ['spec', 'workflowTemplateRef'], files, findings);
    if (spec.templates?.length)
      findings.add(
        ['spec', 'templates'],
        'misplaced-field',
        'Templates is invalid field in spec if workflow referred WorkflowTemplate reference',
      );
    return;
  }
  // A file of templates may be for others to call; a Workflow begins somewhere.
  if (!spec.entrypoint && kind === 'Workflow')
    findings.add(['spec'], 'missing-field', 'spec.entrypoint is required');
  if (!spec.templates) {
    findings.add(['spec'], 'missing-field', 'spec.templates is missing.');
    return;
  }
  const finder = new TemplateFinder(spec, files);
  checkTemplates(spec, { finder, findings, isStarted: kind === 'Workflow' });
  checkReferences(manifest, finder, findings);
  checkGlobals(spec, finder, findings);
  checkLiterals(spec, findings);
  checkDefinitions(spec, findings);
}

const podGcStrategies = [
  'OnPodCompletion',
  'OnPodSuccess',
  'OnWorkflowCompletion',
  'OnWorkflowSuccess',
];

function checkPodGc({ podGC }: Record<string, any>, findings: Findings): void {
  const strategy = podGC?.strategy;
  if (!strategy || podGcStrategies.includes(strategy)) return;
  findings.add(
    ['spec', 'podGC', 'strategy'],
    'wrong-value',
    `podGC.strategy unknown strategy '${strategy}'`,
  );
}

const nameLimits: Record<string, [string, number]> = {
  Workflow: ['workflow', 63],
  WorkflowTemplate: ['workflow template', 63],
  ClusterWorkflowTemplate: ['cluster workflow template', 63],
  CronWorkflow: ['cron workflow', 52],
};

function checkObjectName(
  { kind, name }: ParsedWorkflow,
  findings: Findings,
): void {
  const [what, limit] = nameLimits[kind];
  if (name.length > limit)
    findings.add(
      ['metadata', 'name'],
      'long-name',
      `${what} name "${name}" must not be more than ${limit} characters long (currently ${name.length})`,
    );
}
