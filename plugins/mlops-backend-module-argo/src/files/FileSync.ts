/*
 * Makes a namespace have what git asks for: looks at everything there, decides, writes. Nothing is kept between two looks but how
 * the server words a spec, so that whatever was lost, changed or taken away there is put right by the next look.
 */
import type { EngineFileState, EngineFiles } from '@backstage-mlops/mlops-core';
import type { KubeClient } from '../kube/KubeClient';
import { isStatus, KubeError } from '../kube/KubeError';
import type { KubeObject } from '../kube/ListWatch';
import { listAll } from '../kube/listAll';
import { digestOf } from '../workflows/digestOf';
import type { ClusterDefaults } from '../workflows/dress';
import { planFiles, unusedTemplates, type FileWrite } from './planFiles';
import { removeSchedule } from './removeSchedule';
import { readConfigMaps, semaphoreFault } from './semaphores';
import {
  toFileObjects,
  type FileObject,
  type FilePlural,
} from './toFileObjects';

export interface FileSyncOptions extends ClusterDefaults {
  client: KubeClient;
  /** Names of the templates that workflows refer to; undefined while that is not known. */
  usedTemplates(): Set<string> | undefined;
  logger: { info(text: string): void; warn(text: string): void };
  /** Milliseconds after which a template that nothing refers to goes; for tests. */
  idleMs?: number;
}

const plurals: FilePlural[] = ['workflowtemplates', 'cronworkflows'];
const hourMs = 3_600_000;

export class FileSync {
  private readonly keptAs = new Map<string, string>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: FileSyncOptions) {}

  /** One look at a time. KubeError when the cluster does not answer. */
  sync(wanted: EngineFiles): Promise<EngineFileState[]> {
    const next = this.last
      .catch(() => undefined)
      .then(() => this.syncOnce(wanted));
    this.last = next;
    return next;
  }

  private async syncOnce(wanted: EngineFiles): Promise<EngineFileState[]> {
    const found = { workflowtemplates: [], cronworkflows: [] } as Record<
      FilePlural,
      KubeObject[]
    >;
    const refused = new Map<FilePlural, string>();
    for (const plural of plurals)
      try {
        found[plural] = await listAll(this.options.client, this.path(plural));
      } catch (error) {
        if (!isStatus(error, 403) && !isStatus(error, 404)) throw error;
        refused.set(plural, (error as Error).message);
      }
    const objects = toFileObjects(wanted, this.options).map(object =>
      refused.has(object.plural)
        ? { ...object, at: undefined, fault: refused.get(object.plural) }
        : object,
    );
    const { writes, states } = planFiles({
      objects,
      source: wanted.source,
      found,
      keptAs: this.keptAs,
    });
    for (const write of writes) await this.try(write, states);
    await this.tellMissing(objects, states);
    await this.sweep(found.workflowtemplates);
    return states;
  }

  // An object that is there as git asks for may still name what is not.
  private async tellMissing(
    objects: FileObject[],
    states: EngineFileState[],
  ): Promise<void> {
    const { client, namespace } = this.options;
    const specs = objects.map(({ at, file }) => at?.(file.commit).spec);
    const maps = await readConfigMaps(client, namespace, specs);
    specs.forEach((spec, index) => {
      const fault = semaphoreFault(spec, maps, namespace);
      // States come in the order of their objects.
      if (fault) states[index].fault ??= fault;
    });
  }

  // What one object is refused keeps no other from being written.
  private async try(
    write: FileWrite,
    states: EngineFileState[],
  ): Promise<void> {
    const state =
      write.do === 'delete'
        ? undefined
        : states.find(
            ({ kind, project, name }) =>
              kind === write.file.kind &&
              project === write.file.project &&
              name === write.file.name,
          );
    try {
      await this.write(write);
      this.options.logger.info(
        `${write.do} ${write.plural}/${write.name}, as git asks for`,
      );
      if (state && write.do !== 'delete') state.commit = write.file.commit;
    } catch (error) {
      if (!(error instanceof KubeError) || error.isPassing) throw error;
      // Somebody else wrote since the look; the next one sees it.
      if (error.status === 409 || (error.status === 404 && !state)) return;
      if (state) state.fault = `The cluster refuses it: ${error.message}`;
      else this.options.logger.warn(`${write.name}: ${error.message}`);
    }
  }

  private async write(write: FileWrite): Promise<void> {
    const { client } = this.options;
    if (write.do === 'delete') {
      await this.remove(write.plural, write.actual);
      return;
    }
    const stored: KubeObject = await client.call(
      write.do === 'create'
        ? { method: 'POST', path: this.path(write.plural), body: write.object }
        : {
            method: 'PUT',
            path: this.path(write.plural, write.name),
            body: write.object,
          },
    );
    const asked = digestOf(write.object.spec);
    const kept = digestOf(stored.spec);
    if (kept !== asked) this.keptAs.set(kept, asked);
  }

  private async remove(plural: FilePlural, actual: KubeObject): Promise<void> {
    const { client } = this.options;
    const { name, uid, resourceVersion } = actual.metadata;
    if (plural === 'cronworkflows')
      await removeSchedule(actual, { client, base: this.base });
    else
      await client.call({
        method: 'DELETE',
        path: this.path(plural, name),
        body: { preconditions: { uid, resourceVersion } },
      });
  }

  private async sweep(templates: KubeObject[]): Promise<void> {
    const used = this.options.usedTemplates();
    if (!used) return;
    const unused = unusedTemplates(templates, {
      used,
      now: Date.now(),
      idleMs: this.options.idleMs ?? hourMs,
    });
    // A run that asks for one now writes it first, and it stays.
    for (const actual of unused)
      await this.try(
        {
          do: 'delete',
          plural: 'workflowtemplates',
          name: actual.metadata.name,
          actual,
        },
        [],
      );
  }

  private get base(): string {
    return `/apis/argoproj.io/v1alpha1/namespaces/${this.options.namespace}`;
  }

  private path(plural: FilePlural, name?: string): string {
    const all = `${this.base}/${plural}`;
    return name === undefined ? all : `${all}/${encodeURIComponent(name)}`;
  }
}
