/*
 * One pass of `operate`: what it was given, what it found out, and the words that every template may use. The templates'
 * own files decide; this one holds.
 */
import { toText } from '../graph/listParameters';
import type { Scope } from '../expressions/tags';
import type {
  Artifact,
  CacheEntry,
  CacheSave,
  NodeStatus,
  OperateInput,
  PodRequest,
  WorkflowState,
} from '../types';
import { goDuration } from './duration';
import { globalsOf } from './globals';
import { withTemplateDefaults } from './mergeDefaults';
import { isActive, Tree } from './Tree';

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
  /** The step, task or hook: `template`, `templateRef` or `inline` say what is called. */
  holder: Record<string, any>;
  arguments: { parameters?: any[]; artifacts?: any[] };
  boundaryID?: string;
  /** Values that only this call knows, as `steps.name`. */
  extra?: Scope;
  /** File that templates are looked for in; absent = the run's own. */
  scope?: TemplateScope;
  /** Part of an exit handler, which runs although the run was stopped. */
  onExit?: boolean;
  nodeFlag?: NodeStatus['nodeFlag'];
  depth: number;
}

/** A file of templates that a `templateRef` led to. */
export interface TemplateScope {
  name: string;
  clusterScope: boolean;
}

/** Why a call did not come to its end in this pass. */
export type FaultKind =
  | 'fault'
  | 'parallelism'
  | 'depth'
  | 'timeout'
  | 'unresolved';

/** A fault of the run itself. Who called says it on. */
export class NodeFault extends Error {
  constructor(message: string, readonly kind: FaultKind = 'fault') {
    super(message);
  }
}

/** The limit of nodes that run at the same time is reached: no fault, the call is made again in a later pass. */
export const parallelismReached = () =>
  new NodeFault('Max parallelism reached', 'parallelism');

/** State of one pass. */
export class Pass {
  readonly state: WorkflowState;
  readonly tree: Tree;
  readonly start: PodRequest[] = [];
  readonly stop = new Set<string>();
  readonly saves: CacheSave[] = [];
  readonly now: string;
  readonly globals: Scope;
  /** Members that name what is not there. They wait for it while something moves; then it is a fault. */
  hasUnresolved = false;
  /** Pods that wait or run; grows as pods are asked for. */
  activePods = 0;
  private readonly newPods = new Set<string>();
  private requeueAt?: number;
  private readonly templates = new Map<string, Template>();
  private readonly merged = new Map<Template, Template>();
  private readonly scopes = new Map<string, TemplateScope | undefined>();

  constructor(
    readonly input: OperateInput,
    /** Nothing moves any more: what is not there will never be. */
    private readonly isStill = false,
  ) {
    this.now = input.now;
    this.state = structuredClone(input.state);
    this.tree = new Tree(
      this.name,
      this.state.nodes,
      input.now,
      input.maxNodes,
    );
    for (const template of input.workflow.spec.templates ?? [])
      this.templates.set(template.name, template);
    this.globals = globalsOf(input);
    this.addGlobalOutputs(this.state.outputs);
  }

  get name(): string {
    return this.input.workflow.metadata.name;
  }

  get namespace(): string {
    return this.input.workflow.metadata.namespace ?? 'default';
  }

  get spec(): Record<string, any> {
    return this.input.workflow.spec;
  }

  get shutdown() {
    return this.input.shutdown;
  }

  /** Calls inside each other, the run's own included, that fail: Argo's number. */
  get maxDepth(): number {
    return this.input.maxDepth ?? 100;
  }

  get nowMs(): number {
    return Date.parse(this.now);
  }

  /** Whether what belongs to an exit handler, or not, may still begin. */
  mayExecute(onExit: boolean | undefined): boolean {
    if (!this.shutdown) return true;
    return this.shutdown === 'Stop' && onExit === true;
  }

  /** The template that a step, task, hook or node names, with defaults merged in, and the file it is in. */
  resolve(
    holder: Record<string, any>,
    scope: TemplateScope | undefined,
  ): { template: Template; scope?: TemplateScope } {
    const found = this.resolveWritten(holder, scope);
    return { ...found, template: this.withDefaults(found.template) };
  }

  /** As `resolve`, without the defaults. */
  resolveWritten(
    holder: Record<string, any>,
    scope: TemplateScope | undefined,
  ): { template: Template; scope?: TemplateScope } {
    if (holder.inline) return { template: holder.inline, scope };
    const { templateRef } = holder;
    if (templateRef?.name) {
      const next = {
        name: templateRef.name as string,
        clusterScope: Boolean(templateRef.clusterScope),
      };
      return { template: this.inFile(next, templateRef.template), scope: next };
    }
    if (scope) return { template: this.inFile(scope, holder.template), scope };
    const found = this.templates.get(holder.template);
    if (!found)
      throw new NodeFault(
        holder.template
          ? `template ${holder.template} not found`
          : 'failed to get a template',
      );
    return { template: found };
  }

  private inFile(
    { name, clusterScope }: TemplateScope,
    wanted: string,
  ): Template {
    const file = this.input.templates?.(name, clusterScope);
    if (!file)
      throw new NodeFault(
        `${
          clusterScope ? 'clusterworkflowtemplates' : 'workflowtemplates'
        }.argoproj.io "${name}" not found`,
      );
    const found = (file.spec?.templates ?? []).find(
      (template: Template) => template.name === wanted,
    );
    if (!found)
      throw new NodeFault(
        `template ${wanted} not found in workflow template "${name}"`,
      );
    return found;
  }

  private withDefaults(template: Template): Template {
    const defaults = this.spec.templateDefaults;
    if (!defaults) return template;
    let merged = this.merged.get(template);
    if (!merged) {
      merged = withTemplateDefaults(defaults, template);
      this.merged.set(template, merged);
    }
    return merged;
  }

  /** Whether a member is looked at again in a later pass because of what it names. */
  mayWait(fault: unknown): boolean {
    if (!(fault instanceof NodeFault) || fault.kind !== 'unresolved')
      return false;
    this.hasUnresolved = true;
    return !this.isStill;
  }

  /** Remembers where the template of a node that has others inside it was looked for. */
  enter(node: NodeStatus, scope: TemplateScope | undefined): void {
    this.scopes.set(node.id, scope);
  }

  /** The template of a node that has others inside it, as it is written; one that has no name is not found. */
  templateOfBoundary(id: string | undefined): Template | undefined {
    const node = id === undefined ? undefined : this.state.nodes[id];
    if (!node || !(node.templateName || node.templateRef)) return undefined;
    const { templateName: template, templateRef } = node;
    const scope = this.scopes.get(node.id);
    return this.resolveWritten({ template, templateRef }, scope).template;
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
    return Date.parse(this.state.startedAt) + seconds * 1000 - this.nowMs;
  }

  /** When a run that has a deadline must be over, as Go writes a time. */
  get deadline(): string {
    const at = new Date(this.nowMs + this.remainingMs()!).toISOString();
    return `${at.slice(0, 10)} ${at.slice(11, 19)} +0000 UTC`;
  }

  get isOverdue(): boolean {
    const remaining = this.remainingMs();
    return remaining !== undefined && remaining <= 0;
  }

  get nextLook(): string | undefined {
    return this.requeueAt === undefined
      ? undefined
      : new Date(this.requeueAt).toISOString();
  }

  /** Asks for a pod. */
  ask(request: PodRequest): void {
    this.start.push(request);
    this.newPods.add(request.nodeId);
    this.activePods += 1;
  }

  /** Pods of a boundary that wait or run; of the whole run without one. What this pass asked for does not count yet. */
  countActivePods(boundaryID?: string): number {
    return Object.values(this.state.nodes).filter(
      node =>
        node.type === 'Pod' &&
        isActive(node) &&
        (boundaryID === undefined || node.boundaryID === boundaryID) &&
        (node.podRequested || this.input.pods[node.id]) &&
        !this.newPods.has(node.id),
    ).length;
  }

  /** Outputs with a global name become the run's, and words for all templates. */
  addGlobalOutputs(outputs: WorkflowState['outputs']): void {
    for (const parameter of outputs?.parameters ?? []) {
      const name =
        outputs === this.state.outputs ? parameter.name : parameter.globalName;
      if (!name || parameter.value === undefined || parameter.value === null)
        continue;
      this.globals[`workflow.outputs.parameters.${name}`] = toText(
        parameter.value,
      );
      if (outputs === this.state.outputs) continue;
      this.state.outputs ??= {};
      const list = (this.state.outputs.parameters ??= []);
      const entry = { name, value: parameter.value };
      const at = list.findIndex(item => item.name === name);
      if (at >= 0) list[at] = entry;
      else list.push(entry);
    }
    for (const artifact of outputs?.artifacts ?? []) {
      const globalName = (artifact as Artifact & { globalName?: string })
        .globalName;
      if (!globalName || outputs === this.state.outputs) continue;
      this.state.outputs ??= {};
      const list = (this.state.outputs.artifacts ??= []);
      const { globalName: _name, ...rest } = artifact as Artifact & {
        globalName?: string;
      };
      const entry = { ...rest, name: globalName };
      const at = list.findIndex(item => item.name === globalName);
      if (at >= 0) list[at] = entry;
      else list.push(entry);
    }
  }

  /** What a cache holds, the saves of this pass included. */
  cached(cacheName: string, key: string): CacheEntry | undefined {
    const saved = this.saves
      .filter(item => item.cacheName === cacheName && item.key === key)
      .pop();
    if (saved)
      return {
        nodeId: saved.nodeId,
        outputs: saved.outputs,
        createdAt: this.now,
      };
    return this.input.cached?.(cacheName, key);
  }

  /** Keeps what a node gave, when it was looked up and not found. */
  saveToCache(node: NodeStatus): void {
    const { memoizationStatus: status } = node;
    if (!status || status.hit) return;
    this.saves.push({
      cacheName: status.cacheName,
      key: status.key,
      nodeId: node.id,
      ...(node.outputs ? { outputs: structuredClone(node.outputs) } : {}),
    });
  }

  durationMs(text: unknown): number {
    const ms = goDuration(text);
    if (ms === undefined)
      throw new NodeFault(`time: invalid duration "${String(text)}"`);
    return ms;
  }
}
