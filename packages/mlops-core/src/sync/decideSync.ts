/*
 * Desired against actual. Git says which pipelines, schedules and aliases there are; the engine, the scheduler and the registry say
 * what they have. Pure: the reconciler gathers both sides, this says how each thing stands, and the reconciler then does what `writes`
 * asks for. Only aliases are ever written; what the portal reads from git each time cannot differ from it, only be faulty.
 */
import type { Problem } from '@backstage-mlops/argo-engine';
import type { SyncItem } from '../changes/Change';
import { aliasesOf } from '../models/modelPolicy';
import type { ReadProject } from '../projects/readProject';

/** A registered model as the registry has it. @public */
export interface RegistryFacts {
  /** By alias: the version. */
  aliases: Record<string, string>;
  /** By version: the digest; of the versions that were asked for. */
  digests: Record<string, string>;
}

/** What the engine and its scheduler have. @public */
export interface EngineFacts {
  /** False when this portal starts no runs. */
  isOn: boolean;
  /** Schedules that the scheduler has taken up, by name. */
  schedules: Record<
    string,
    {
      /** Why its last time did not lead to a run. */
      fault?: string;
      /** ISO 8601: it ended by its stopStrategy. */
      stoppedAt?: string;
      /** On a cluster: the commit that its copy is equal to. */
      commit?: string;
    }
  >;
  /** True on a cluster, which has copies of pipelines and schedules and starts these itself. */
  keepsCopies?: boolean;
  /** True while nobody has looked at the cluster: what it has is not known, and how things stood before still counts. */
  isUnknown?: boolean;
  /** How each pipeline of the project stands on its engine, by name; absent where that is not known. */
  pipelines?: Record<string, EnginePipeline>;
}

/** A pipeline as its engine has it: a cluster keeps a copy, an engine that reads git itself is named. @public */
export interface EnginePipeline {
  /** On a cluster: the commit that its copy is equal to, and why it has none. */
  commit?: string;
  fault?: string;
  /** An engine that reads git itself. */
  engine?: string;
  /** Why it cannot run there now, or (`Failed`) ever. */
  trouble?: { state: 'OutOfSync' | 'Failed'; actual?: string; message: string };
  /** The newest commit at which the project could be read, when the present one has a fault. */
  lastGoodCommit?: string;
}

/** @public */
export interface DecideSyncOptions {
  read: ReadProject;
  /** Commit that the project was read at. */
  commit: string;
  engine: EngineFacts;
  /** By model of the project. */
  registry: Record<string, RegistryFacts>;
  /** Aliases that git declared at the last look, by model; one that is gone is taken away. */
  declaredBefore: Record<string, string[]>;
  /** How a thing stood at the last look, by an earlier portal too. */
  before?(it: Omit<SyncDecision, 'state'>): SyncDecision | undefined;
}

/** How one thing stands; when it came to stand so is the reconciler's to know. @public */
export type SyncDecision = Omit<SyncItem, 'since'>;

/** An alias to write, or (without version) to take away. @public */
export interface AliasWrite {
  model: string;
  alias: string;
  version?: string;
}

/** Says how everything of a project stands, and what has to be written. @public */
export function decideSync(options: DecideSyncOptions): {
  items: SyncDecision[];
  writes: AliasWrite[];
} {
  const models = options.read.models.map(model => decideModel(model, options));
  return {
    items: [
      ...options.read.pipelines.map(item => decidePipeline(item, options)),
      ...options.read.schedules.map(item => decideSchedule(item, options)),
      ...models.flatMap(({ items }) => items),
    ],
    writes: models.flatMap(({ writes }) => writes),
  };
}

type Item = { name: string; file: string; problems: Problem[] };

const head = (
  kind: SyncItem['kind'],
  name: string,
  { read, commit }: DecideSyncOptions,
) => ({ project: read.name, kind, name, commit });

const firstFault = (problems: Problem[]) =>
  problems.find(problem => problem.severity === 'error');

function faultOf(problems: Problem[]) {
  const fault = firstFault(problems);
  return (
    fault && {
      state: 'Failed' as const,
      message: `${fault.file}:${fault.line}: ${fault.message}`,
      ...(fault.path && { field: fault.path }),
    }
  );
}

function decidePipeline(item: Item, options: DecideSyncOptions): SyncDecision {
  const it = head('pipeline', item.name, options);
  const facts = Object.hasOwn(options.engine.pipelines ?? {}, item.name)
    ? options.engine.pipelines![item.name]
    : undefined;
  const fault = faultOf(item.problems);
  if (fault)
    return {
      ...it,
      ...fault,
      // Both sides as the start of a commit: what stands in git, and what could be run last.
      desired: options.commit.slice(0, 12),
      ...(facts?.lastGoodCommit && {
        actual: facts.lastGoodCommit.slice(0, 12),
      }),
    };
  if (!options.engine.pipelines) return { ...it, state: 'Synced' };
  if (facts?.engine === undefined)
    return options.engine.isUnknown
      ? lookedAtLater(it, options)
      : decideCopy(it, facts, options.commit);
  const { engine, trouble } = facts;
  return {
    ...it,
    field: 'spec.engine',
    desired: engine,
    ...(trouble ?? { state: 'Synced', actual: engine }),
  };
}

const lookedAtLater = (
  it: Omit<SyncDecision, 'state'>,
  { commit, before }: DecideSyncOptions,
): SyncDecision =>
  before?.(it) ?? {
    ...it,
    state: 'OutOfSync',
    field: 'commit',
    desired: commit,
    message: 'Its cluster has not been looked at yet.',
  };

// What a cluster keeps is compared with git by the commit that it is equal to.
function decideCopy(
  it: Omit<SyncDecision, 'state'>,
  copy: EnginePipeline | undefined,
  commit: string,
): SyncDecision {
  const both = {
    field: 'commit',
    desired: commit,
    ...(copy?.commit && { actual: copy.commit }),
  };
  if (copy?.fault)
    return { ...it, ...both, state: 'Failed', message: copy.fault };
  if (copy?.commit === commit) return { ...it, state: 'Synced' };
  return {
    ...it,
    ...both,
    state: 'OutOfSync',
    message: copy
      ? `The engine has it from ${(copy.commit ?? 'an unknown commit').slice(
          0,
          12,
        )}.`
      : 'The engine does not have it yet.',
  };
}

function decideSchedule(
  item: Item & { document?: { manifest: { spec?: any } } },
  options: DecideSyncOptions,
): SyncDecision {
  const it = head('schedule', item.name, options);
  const fault = faultOf(item.problems);
  if (fault) return { ...it, ...fault };
  const spec = item.document?.manifest.spec ?? {};
  const desired = [spec.schedules ?? spec.schedule ?? []].flat().join('; ');
  const actual = options.engine.schedules[item.name];
  const isOnCluster = options.engine.keepsCopies === true;
  if (options.engine.isUnknown) return lookedAtLater(it, options);
  if (spec.suspend && !isOnCluster)
    return { ...it, state: 'Synced', message: 'It is suspended in git.' };
  if (!options.engine.isOn && !isOnCluster)
    return {
      ...it,
      state: 'OutOfSync',
      field: 'spec.schedules',
      desired,
      actual: 'engine off',
      message: 'The engine of this portal is switched off; nothing starts.',
    };
  if (!actual)
    return {
      ...it,
      state: 'OutOfSync',
      field: 'spec.schedules',
      desired,
      message: 'The scheduler has not taken it up yet.',
    };
  if (actual.fault)
    return {
      ...it,
      state: 'Failed',
      field: 'spec.schedules',
      desired,
      message: actual.fault,
    };
  if (isOnCluster && actual.commit !== options.commit)
    return {
      ...it,
      state: 'OutOfSync',
      field: 'commit',
      desired: options.commit,
      ...(actual.commit && { actual: actual.commit }),
      message: 'The engine does not have it as git asks for yet.',
    };
  return {
    ...it,
    state: 'Synced',
    ...(actual.stoppedAt && { message: 'It ended by its stopStrategy.' }),
    ...(spec.suspend && { message: 'It is suspended in git.' }),
  };
}

function decideModel(
  model: ReadProject['models'][number],
  options: DecideSyncOptions,
): { items: SyncDecision[]; writes: AliasWrite[] } {
  const known = options.declaredBefore[model.name] ?? [];
  const registry = options.registry[model.name] ?? { aliases: {}, digests: {} };
  if (!model.value)
    return {
      // What a file that cannot be read asks for is not known, so nothing is taken away.
      items: known.map(alias => ({
        ...head('alias', alias, options),
        model: model.name,
        ...(faultOf(
          options.read.problems.filter(({ file }) => file === model.file),
        ) ?? { state: 'Failed', message: `${model.file} cannot be read.` }),
      })),
      writes: [],
    };
  const declared = aliasesOf(model.value);
  const decided = declared.map(({ alias, version, digest }) =>
    decideAlias(
      { ...head('alias', alias, options), model: model.name },
      { version, digest },
      { ...registry, alias },
    ),
  );
  return {
    items: decided,
    writes: [
      ...declared
        .filter((_, i) => decided[i].state === 'OutOfSync')
        .map(({ alias, version }) => ({ model: model.name, alias, version })),
      ...known
        .filter(alias => !declared.some(item => item.alias === alias))
        .filter(alias => Object.hasOwn(registry.aliases, alias))
        .map(alias => ({ model: model.name, alias })),
    ],
  };
}

function decideAlias(
  it: Omit<SyncDecision, 'state'>,
  desired: { version: string; digest: string },
  { alias, aliases, digests }: RegistryFacts & { alias: string },
): SyncDecision {
  const field = `spec.aliases.${alias}`;
  const version = Object.hasOwn(aliases, alias) ? aliases[alias] : undefined;
  const digest = Object.hasOwn(digests, desired.version)
    ? digests[desired.version]
    : undefined;
  if (digest === undefined)
    return {
      ...it,
      state: 'Failed',
      field: `${field}.version`,
      desired: desired.version,
      ...(version && { actual: version }),
      message: `Version ${desired.version} is not in the registry.`,
    };
  if (digest !== desired.digest)
    return {
      ...it,
      state: 'Failed',
      field: `${field}.digest`,
      desired: desired.digest,
      actual: digest,
      message: `Version ${desired.version} has another digest than git asks for.`,
    };
  return {
    ...it,
    state: version === desired.version ? 'Synced' : 'OutOfSync',
    field: `${field}.version`,
    desired: desired.version,
    ...(version && { actual: version }),
  };
}

/** The worst of several states. @public */
export function worstSync(
  items: { state: SyncItem['state'] }[],
): SyncItem['state'] | undefined {
  for (const state of ['Failed', 'OutOfSync', 'Synced'] as const)
    if (items.some(item => item.state === state)) return state;
  return undefined;
}
