/*
 * What a change does to one pipeline: which nodes come, go or differ, and which would do their work again. A step whose result is
 * memoized is used again while neither it, nor the parameters that it names, nor anything before it changed; everything after a
 * changed step may get other inputs, so it runs again.
 */
import {
  drawPipeline,
  listParameters,
  type GraphPart,
  type ParsedWorkflow,
  type PipelineGraph,
  type TemplateLookup,
} from '@backstage-mlops/argo-engine';
import type { RunEstimate } from '../runs/Run';
import type { PipelineEffect } from './Change';
import { differingFields } from './differingFields';

/** What is known of a pipeline's earlier runs. @public */
export interface PipelineFacts {
  /** From the last runs that succeeded. */
  estimate?: RunEstimate;
  /** Display names of steps whose memoized result is kept still. */
  memoized?: string[];
  /** Models that its runs registered, and datasets that they reported on. */
  models?: string[];
  datasets?: string[];
}

/** One side of a pipeline. */
export interface PipelineSide {
  document: ParsedWorkflow;
  templates: TemplateLookup;
}

/** @see pipelineEffect */
export interface PipelineEffectInput {
  pipeline: string;
  file: string;
  before?: PipelineSide;
  after?: PipelineSide;
  /** Files that the steps run changed, so each step that takes the project's source is another one. */
  sourceChanged: boolean;
  facts?: PipelineFacts;
}

interface Drawn {
  graph: PipelineGraph;
  parts: Map<string, GraphPart>;
  /** Text of every workflow parameter's default. */
  values: Map<string, string | undefined>;
  /** What holds for all templates. */
  rest: unknown;
}

/** The effect on one pipeline. */
export function pipelineEffect(input: PipelineEffectInput): PipelineEffect {
  const before = input.before && draw(input.before);
  const after = input.after && draw(input.after);
  const old = new Map(before?.graph.nodes.map(node => [node.id, node]));
  const now = after?.graph.nodes ?? [];
  const ids = new Set(now.map(node => node.id));
  const changed = before && after ? changedNodes(before, after) : [];
  const work = after
    ? workOf(
        input,
        before,
        after,
        changed.map(node => node.id),
      )
    : { rerun: [], cached: [] };
  return {
    pipeline: input.pipeline,
    file: input.file,
    ...(before ? { before: before.graph } : {}),
    ...(after ? { after: after.graph } : {}),
    added: now.filter(node => !old.has(node.id)).map(node => node.id),
    removed: [...old.keys()].filter(id => !ids.has(id)),
    changed,
    parameters: changedParameters(before, after),
    ...work,
    ...(input.facts?.estimate ? { estimate: input.facts.estimate } : {}),
  };
}

function draw({ document, templates }: PipelineSide): Drawn {
  const {
    templates: _own,
    arguments: _arguments,
    entrypoint: _entry,
    ...rest
  } = document.manifest.spec ?? {};
  return {
    ...drawPipeline(document, templates),
    values: new Map(
      listParameters(document).map(item => [
        item.name,
        item.value ?? item.default,
      ]),
    ),
    rest,
  };
}

function changedParameters(
  before?: Drawn,
  after?: Drawn,
): PipelineEffect['parameters'] {
  const names = new Set([
    ...(before?.values.keys() ?? []),
    ...(after?.values.keys() ?? []),
  ]);
  return [...names].flatMap(name => {
    const old = before?.values.get(name);
    const now = after?.values.get(name);
    const isThere = before?.values.has(name) === after?.values.has(name);
    if (old === now && isThere) return [];
    return [
      {
        name,
        ...(old !== undefined ? { before: old } : {}),
        ...(now !== undefined ? { after: now } : {}),
      },
    ];
  });
}

// Members of a composite are nodes of their own.
function ownFields({ call, template }: GraphPart): Record<string, unknown> {
  const { steps: _steps, dag, name: _name, ...rest } = template ?? {};
  const { tasks: _tasks, ...order } = dag ?? {};
  return { ...rest, ...(dag ? { dag: order } : {}), ...(call ? { call } : {}) };
}

function changedNodes(before: Drawn, after: Drawn): PipelineEffect['changed'] {
  // Most nodes share a few templates.
  const known = new Map<unknown, Map<unknown, string[]>>();
  const templateFields = (a: GraphPart, b: GraphPart) => {
    const row = known.get(a.template) ?? new Map<unknown, string[]>();
    known.set(a.template, row);
    const fields =
      row.get(b.template) ??
      differingFields(
        ownFields({ template: a.template }),
        ownFields({ template: b.template }),
      );
    row.set(b.template, fields);
    return fields;
  };
  return [...after.parts].flatMap(([id, part]) => {
    const old = before.parts.get(id);
    if (!old) return [];
    const fields = [
      ...differingFields(old.call ?? {}, part.call ?? {}),
      ...templateFields(old, part),
    ];
    return fields.length > 0 ? [{ id, fields }] : [];
  });
}

function workOf(
  { sourceChanged, facts }: PipelineEffectInput,
  before: Drawn | undefined,
  after: Drawn,
  changed: string[],
): { rerun: string[]; cached: string[] } {
  const other = otherNodes(before, after, changed, sourceChanged);
  spread(after.graph, other);
  const kept = new Set(facts?.memoized ?? []);
  const rerun: string[] = [];
  const cached: string[] = [];
  for (const node of after.graph.nodes) {
    if (node.type !== 'Pod' && node.type !== 'Suspend') continue;
    const memoize = after.parts.get(node.id)?.template?.memoize;
    const isKept =
      Boolean(memoize) && kept.has(node.name) && !other.has(node.id);
    (isKept ? cached : rerun).push(node.name);
  }
  return { rerun: [...new Set(rerun)], cached: [...new Set(cached)] };
}

/** Nodes that are new, or whose own fields or named parameters differ. */
function otherNodes(
  before: Drawn | undefined,
  after: Drawn,
  changed: string[],
  sourceChanged: boolean,
): Set<string> {
  const parameters = changedParameters(before, after).map(item => item.name);
  const everything =
    !before || differingFields(before.rest, after.rest).length > 0;
  const names = parameters.map(name => `workflow.parameters.${name}`);
  const said = new Map<unknown, boolean>();
  const says = (value: unknown) => {
    if (names.length === 0 || value === undefined) return false;
    if (!said.has(value))
      said.set(value, mentions(JSON.stringify(value), names));
    return said.get(value)!;
  };
  const ids = [...after.parts].flatMap(([id, { call, template }]) => {
    const isOther =
      everything ||
      !before?.parts.has(id) ||
      says(call) ||
      says(withoutMembers(template)) ||
      (sourceChanged && takesSource(template));
    return isOther ? [id] : [];
  });
  return new Set([...ids, ...changed]);
}

// A composite that only holds its members does not name what they name.
function withoutMembers(template?: Record<string, any>): unknown {
  if (!template || (!template.dag && !template.steps)) return template;
  return template.memoize;
}

function mentions(text: string, names: string[]): boolean {
  return names.some(name => {
    const at = text.indexOf(name);
    return at >= 0 && !/[\w-]/.test(text[at + name.length] ?? '');
  });
}

function takesSource(template: Record<string, any> | undefined): boolean {
  const artifacts = template?.inputs?.artifacts;
  return Array.isArray(artifacts) && artifacts.some(item => item?.git);
}

// From a node to all after it, into its members, and out of a composite to what follows that.
function spread({ nodes, edges }: PipelineGraph, other: Set<string>): void {
  const next = new Map<string, string[]>();
  const link = (from: string, to: string) =>
    next.set(from, [...(next.get(from) ?? []), to]);
  for (const { from, to } of edges) link(from, to);
  const after = new Set(edges.map(edge => edge.from));
  for (const { id, parent } of nodes) {
    if (!parent) continue;
    // What comes last in a composite is what the composite gives.
    if (!after.has(id)) {
      link(id, `${parent} out`);
      link(`${id} out`, `${parent} out`);
    }
    link(parent, id);
  }
  for (const { from, to } of edges) link(`${from} out`, to);
  const open = [...other];
  const seen = new Set(open);
  while (open.length > 0)
    for (const to of next.get(open.pop()!) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push(to);
      if (!to.endsWith(' out')) other.add(to);
    }
}
