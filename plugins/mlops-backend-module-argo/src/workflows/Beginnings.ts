/*
 * Lets a workflow begin again that ended only because Argo's controller had not heard of its template. It stays the same object, and
 * the write is refused when anybody else wrote meanwhile, so portals that are doubled or restarted begin nothing twice.
 */
import type { KubeClient } from '../kube/KubeClient';
import { isStatus } from '../kube/KubeError';
import type { KubeObject } from '../kube/ListWatch';
import {
  asSubmitted,
  unheardTemplate,
  waitingToBegin,
  waitToBegin,
} from './decideBeginning';

export class Beginnings {
  /** When an end was seen first, by the version of its object. */
  private readonly seen = new Map<string, { version: string; at: number }>();

  constructor(
    private readonly options: {
      client: KubeClient;
      path(plural: string, name: string): string;
      /** Asked when it is time to look at a workflow again. */
      onTime(name: string): void;
      logger: { info(text: string): void };
    },
  ) {}

  /** The object as it stands when it was looked after. `isWritten` when it is a new one of the cluster. */
  async lookAfter(
    object: KubeObject,
  ): Promise<{ object: KubeObject; isWritten?: boolean }> {
    const template = unheardTemplate(object);
    if (template === undefined) return { object };
    const { name } = object.metadata;
    const wait = waitToBegin(object);
    if (wait === undefined || !(await this.isThere(template))) {
      this.seen.delete(name);
      return { object };
    }
    if (Date.now() < this.firstSeen(object, wait) + wait)
      return { object: waitingToBegin(object) };
    this.seen.delete(name);
    return this.begin(object, template);
  }

  private async begin(object: KubeObject, template: string) {
    const { client, path, logger } = this.options;
    const { name } = object.metadata;
    try {
      const written: KubeObject = await client.call({
        method: 'PUT',
        path: path('workflows', name),
        body: asSubmitted(object),
      });
      logger.info(
        `Workflow '${name}' begins again: the controller had not heard of WorkflowTemplate '${template}'.`,
      );
      return { object: written, isWritten: true };
    } catch (error) {
      // Somebody wrote meanwhile: the next look sees what.
      if (isStatus(error, 409)) return { object: waitingToBegin(object) };
      throw error;
    }
  }

  private firstSeen(
    { metadata: { name, resourceVersion: version } }: KubeObject,
    wait: number,
  ): number {
    const known = this.seen.get(name);
    if (known?.version === version) return known.at;
    const at = Date.now();
    this.seen.set(name, { version, at });
    if (wait > 0) setTimeout(this.options.onTime, wait + 10, name).unref();
    return at;
  }

  private async isThere(template: string): Promise<boolean> {
    const { client, path } = this.options;
    try {
      await client.call({ path: path('workflowtemplates', template) });
      return true;
    } catch (error) {
      if (isStatus(error, 404)) return false;
      throw error;
    }
  }
}
