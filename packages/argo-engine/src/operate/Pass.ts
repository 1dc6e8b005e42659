/*
 * One pass of `operate`: what it was given, what it found out, and the words that every template may use. The templates'
 * own files decide; this one holds.
 */
import { toText } from '../graph/listParameters';
import type { Scope } from '../expressions/tags';
import type {
  Artifact,
  OperateInput,
  PodRequest,
  WorkflowState,
} from '../types';
import { Tree } from './Tree';

/** A template as plain data. */
export type Template = Record<string, any>;

/** Texts and artifacts that a template can refer to. */
export interface Values {
  texts: Scope;
  /** By full name, as `steps.a.outputs.artifacts.x`. */
  artifacts: Record<string, Artifact>;
}

/** How a template is called. */
export interface Call {
  nodeName: string;
  displayName: string;
  templateName: string;
  arguments: { parameters?: any[]; artifacts?: any[] };
  boundaryID?: string;
  /** The template that holds the step or task. */
  caller?: Template;
  /** Name of the step or task in it. */
  memberName?: string;
  /** Values that only this call knows, as `steps.name`. */
  extra?: Scope;
  depth: number;
}

/** A fault of the run itself: the node becomes Error with this message. */
export class NodeFault extends Error {}

/** State of one pass. */
export class Pass {
  readonly state: WorkflowState;
  readonly tree: Tree;
  readonly start: PodRequest[] = [];
  readonly stop = new Set<string>();
  readonly now: string;
  readonly globals: Scope;
  private requeueAt?: number;
  private readonly templates = new Map<string, Template>();

  constructor(readonly input: OperateInput) {
    this.now = input.now;
    this.state = structuredClone(input.state);
    this.tree = new Tree(this.name, this.state.nodes, input.now);
    for (const template of input.workflow.spec.templates ?? [])
      this.templates.set(template.name, template);
    this.globals = globalsOf(input);
  }

  get name(): string {
    return this.input.workflow.metadata.name;
  }

  get spec(): Record<string, any> {
    return this.input.workflow.spec;
  }

  get shutdown() {
    return this.input.shutdown;
  }

  template(name: string): Template {
    const found = this.templates.get(name);
    if (!found) throw new NodeFault(`template ${name} not found`);
    return found;
  }

  requeue(at: number): void {
    if (this.requeueAt === undefined || at < this.requeueAt)
      this.requeueAt = at;
  }

  /** Milliseconds until the whole run must be over; undefined without a deadline. */
  remainingMs(): number | undefined {
    const seconds = Number(this.spec.activeDeadlineSeconds);
    if (
      this.spec.activeDeadlineSeconds === undefined ||
      !Number.isFinite(seconds) ||
      !this.state.startedAt
    )
      return undefined;
    return (
      Date.parse(this.state.startedAt) + seconds * 1000 - Date.parse(this.now)
    );
  }

  get nextLook(): string | undefined {
    return this.requeueAt === undefined
      ? undefined
      : new Date(this.requeueAt).toISOString();
  }
}

function globalsOf({ workflow, state }: OperateInput): Scope {
  const { metadata, spec } = workflow;
  const scope: Scope = {
    'workflow.name': metadata.name,
    'workflow.namespace': metadata.namespace ?? 'default',
    'workflow.uid': metadata.uid ?? '',
    'workflow.mainEntrypoint': spec.entrypoint ?? '',
    'workflow.serviceAccountName': spec.serviceAccountName ?? '',
    'workflow.creationTimestamp':
      metadata.creationTimestamp ?? state.startedAt ?? '',
    'workflow.priority':
      spec.priority === undefined ? '' : String(spec.priority),
  };
  const parameters = (spec.arguments?.parameters ?? []) as any[];
  for (const { name, value } of parameters)
    if (value !== undefined && value !== null)
      scope[`workflow.parameters.${name}`] = toText(value);
  const listed = JSON.stringify(
    parameters.map(({ name, value }) => ({ name, value: toText(value) })),
  );
  scope['workflow.parameters'] = listed;
  scope['workflow.parameters.json'] = listed;
  for (const [key, value] of Object.entries(metadata.labels ?? {}))
    scope[`workflow.labels.${key}`] = value;
  for (const [key, value] of Object.entries(metadata.annotations ?? {}))
    scope[`workflow.annotations.${key}`] = value;
  return scope;
}
