/* Which template a step, task or hook calls: one of its own file, of another file, or one written in place. */
import type { TemplateLookup } from '../documents/resolveWorkflow';
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';

type Data = Record<string, any>;

/** What a holder of `template`, `templateRef` or `inline` leads to. */
export interface Found {
  template?: Data;
  /** Argo's words for what is wrong with the reference. */
  fault?: string;
  /** The field that holds the fault. */
  field?: 'template' | 'templateRef';
}

/** Finds templates of a document and of the files beside it. */
export class TemplateFinder {
  readonly names: string[];
  private readonly own: Map<string, Data>;

  constructor(spec: Data, private readonly files: TemplateLookup) {
    this.own = new Map(
      (spec.templates ?? []).map((template: Data) => [template.name, template]),
    );
    this.names = [...this.own.keys()];
  }

  has(name: unknown): boolean {
    return this.own.has(name as string);
  }

  find(holder: Data): Found {
    if (holder.inline) return { template: { name: '', ...holder.inline } };
    if (holder.templateRef) return this.elsewhere(holder);
    const template = this.own.get(holder.template);
    if (template) return { template };
    return {
      fault: holder.template
        ? `template name '${holder.template}' undefined`
        : 'failed to get a template',
      field: 'template',
    };
  }

  private elsewhere({ template: own, templateRef }: Data): Found {
    const { name, template, clusterScope } = templateRef;
    const wrong = (fault: string): Found => ({ fault, field: 'templateRef' });
    if (own)
      return wrong('template name cannot be specified with templateRef.');
    if (!name) return wrong('resource name is required');
    if (!template) return wrong('template name is required');
    // A name with a tag is known when the run gets there.
    if (/\{\{/.test(`${name}${template}`)) return {};
    const file = this.files(name, Boolean(clusterScope));
    const found = (file?.spec?.templates ?? []).find(
      (item: Data) => item?.name === template,
    );
    return found
      ? { template: found }
      : wrong(`template reference ${name}.${template} not found`);
  }
}

/** Checks that a file of templates is there. */
export function checkTemplateFile(
  { name, clusterScope }: { name: string; clusterScope?: boolean },
  path: FieldPath,
  files: TemplateLookup,
  findings: Findings,
): void {
  if (files(name, Boolean(clusterScope))) return;
  const kind = clusterScope ? 'clusterworkflowtemplates' : 'workflowtemplates';
  findings.add(
    path,
    'unknown-template',
    `${kind}.argoproj.io "${name}" not found`,
  );
}
