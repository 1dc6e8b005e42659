import type { ParsedWorkflow } from '../documents/parseWorkflows';
import type { Problem } from '../types';
import { checkReferences } from './checkReferences';
import { checkShape, Findings } from './checkShape';
import { checkTemplates } from './checkTemplates';
import { documentShape } from './shapes';

/**
 * All faults of a document: its fields, what they refer to, and what the local engine does not run. Fields without effect
 * on one machine are notices.
 *
 * @public
 */
export function lintWorkflow(document: ParsedWorkflow): Problem[] {
  const findings = new Findings(document);
  checkShape(document.manifest, documentShape, [], findings);
  const shapeIsRight = findings.problems.every(
    problem =>
      problem.severity !== 'error' ||
      problem.code === 'unsupported-field' ||
      problem.code === 'unknown-field',
  );
  if (shapeIsRight) {
    checkTemplates(document.manifest.spec, findings);
    checkReferences(document.manifest.spec, findings);
  }
  return findings.problems;
}
