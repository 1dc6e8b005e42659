/*
 * The picture of a pipeline before it runs: what is called from the entrypoint, in which order. Templates that call
 * themselves, or nest without end, are drawn once and not entered again.
 */
import { isRecord, type ParsedWorkflow } from '../documents/parseWorkflows';
import type { TemplateLookup } from '../documents/resolveWorkflow';
import { dependsTasks } from '../expressions/depends';
import type { PipelineGraph } from '../types';
import type { FieldPath } from '../yaml/fieldPath';

const maxNodes = 2_000;

/** Draws the graph of a document; parts that cannot be understood are left out (lint names them). @public */
export function toGraph(
  document: ParsedWorkflow,
  files?: TemplateLookup,
): PipelineGraph {
  return drawPipeline(document, files).graph;
}

/** What a node of a graph is made of in the file. @public */
export interface GraphPart {
  /** The step or task; absent for the entrypoint. */
  call?: Record<string, any>;
  /** Absent when a template of another file is not known. */
  template?: Record<string, any>;
}

/** The graph with what each of its nodes is made of, by node id. @public */
export function drawPipeline(
  document: ParsedWorkflow,
  files?: TemplateLookup,
): { graph: PipelineGraph; parts: Map<string, GraphPart> } {
  const drawing = new Drawing(document, files);
  const { entrypoint } = document.manifest.spec;
  if (typeof entrypoint === 'string')
    drawing.enter(entrypoint, entrypoint, undefined, {}, []);
  return {
    graph: { nodes: drawing.nodes, edges: drawing.edges },
    parts: drawing.parts,
  };
}

type GraphNode = PipelineGraph['nodes'][number];

class Drawing {
  readonly nodes: GraphNode[] = [];
  readonly edges: PipelineGraph['edges'] = [];
  readonly parts = new Map<string, GraphPart>();
  private readonly templates = new Map<
    string,
    { template: Record<string, any>; index: number }
  >();

  constructor(
    private readonly document: ParsedWorkflow,
    private readonly files?: TemplateLookup,
  ) {
    const list = document.manifest.spec.templates;
    if (!Array.isArray(list)) return;
    list.forEach((template, index) => {
      if (isRecord(template) && typeof template.name === 'string')
        this.templates.set(template.name, { template, index });
    });
  }

  /** Draws one call of a template, and what it calls. Gives the id of the node. */
  enter(
    id: string,
    templateName: string,
    parent: string | undefined,
    call: { name?: string; path?: FieldPath; step?: Record<string, any> },
    above: string[],
  ): string | undefined {
    const found = this.templates.get(templateName);
    if (!found || this.nodes.length >= maxNodes) return undefined;
    const { template, index } = found;
    this.nodes.push({
      id,
      name: call.name ?? templateName,
      template: templateName,
      type: typeOf(template),
      ...(parent ? { parent } : {}),
      ...annotationsOf(call.step),
      ...(call.path ? { line: this.document.locate(call.path).line } : {}),
      templateLine: this.document.locate(['spec', 'templates', index]).line,
    });
    this.parts.set(id, { call: call.step, template });
    if (above.includes(templateName)) return id;
    const inside = [...above, templateName];
    const place: FieldPath = ['spec', 'templates', index];
    if (Array.isArray(template.steps))
      this.drawSteps(id, template.steps, [...place, 'steps'], inside);
    else if (isRecord(template.dag) && Array.isArray(template.dag.tasks))
      this.drawTasks(
        id,
        template.dag.tasks,
        [...place, 'dag', 'tasks'],
        inside,
      );
    return id;
  }

  private drawSteps(
    id: string,
    groups: unknown[],
    place: FieldPath,
    above: string[],
  ) {
    let before: string[] = [];
    groups.forEach((group, g) => {
      const members = Array.isArray(group) ? group : [group];
      const drawn = members
        .map((step, s) =>
          isRecord(step)
            ? this.call(id, step, [...place, g, s], above)
            : undefined,
        )
        .filter((node): node is string => node !== undefined);
      for (const from of before)
        for (const to of drawn) this.edges.push({ from, to });
      if (drawn.length > 0) before = drawn;
    });
  }

  private drawTasks(
    id: string,
    tasks: unknown[],
    place: FieldPath,
    above: string[],
  ) {
    const drawn = new Map<string, string>();
    tasks.forEach((task, t) => {
      if (!isRecord(task)) return;
      const node = this.call(id, task, [...place, t], above);
      if (node) drawn.set(task.name, node);
    });
    for (const task of tasks) {
      if (!isRecord(task)) continue;
      const to = drawn.get(task.name);
      for (const name of tasksBefore(task)) {
        const from = drawn.get(name);
        if (from && to) this.edges.push({ from, to });
      }
    }
  }

  // A template of another file, or one written in place, is a node that is not entered.
  private elsewhere(
    parent: string,
    step: Record<string, any>,
    path: FieldPath,
  ): string | undefined {
    const { templateRef: ref, inline } = step;
    if (!isRecord(ref) && !isRecord(inline)) return undefined;
    if (this.nodes.length >= maxNodes) return undefined;
    const file = isRecord(ref)
      ? this.files?.(ref.name, Boolean(ref.clusterScope))
      : undefined;
    const template = isRecord(inline)
      ? inline
      : file?.spec?.templates?.find(
          (item: unknown) => isRecord(item) && item.name === ref.template,
        );
    const id = `${parent}.${step.name}`;
    this.nodes.push({
      id,
      name: step.name,
      template: isRecord(ref) ? nameElsewhere(ref) : step.name,
      type: typeOf(template ?? {}),
      parent,
      ...annotationsOf(step),
      line: this.document.locate(path).line,
    });
    this.parts.set(id, { call: step, template });
    return id;
  }

  private call(
    parent: string,
    step: Record<string, any>,
    path: FieldPath,
    above: string[],
  ) {
    if (typeof step.name !== 'string') return undefined;
    if (typeof step.template !== 'string')
      return this.elsewhere(parent, step, path);
    return this.enter(
      `${parent}.${step.name}`,
      step.template,
      parent,
      { name: step.name, path, step },
      above,
    );
  }
}

/** A template of another file, as `file/template`. */
function nameElsewhere({ name, template }: Record<string, any>): string {
  return `${name}/${template}`;
}

/** Names of the tasks that a DAG task waits for. */
export function tasksBefore(task: Record<string, any>): string[] {
  if (Array.isArray(task.dependencies))
    return task.dependencies.filter(name => typeof name === 'string');
  return typeof task.depends === 'string' ? dependsTasks(task.depends) : [];
}

function typeOf(template: Record<string, any>): GraphNode['type'] {
  if (template.steps) return 'Steps';
  if (template.dag) return 'DAG';
  return template.suspend ? 'Suspend' : 'Pod';
}

function annotationsOf(
  step?: Record<string, any>,
): Pick<GraphNode, 'loop' | 'when'> {
  if (!step) return {};
  const loop = step.withItems ?? step.withParam ?? step.withSequence;
  return {
    ...(loop !== undefined
      ? {
          loop: (typeof loop === 'string' ? loop : JSON.stringify(loop)).slice(
            0,
            500,
          ),
        }
      : {}),
    ...(typeof step.when === 'string' ? { when: step.when } : {}),
  };
}
