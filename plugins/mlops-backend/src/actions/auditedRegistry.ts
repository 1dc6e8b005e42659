/* Actions leave the same trace as routes: who called, what about, how it stood before and after, or why not. */
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { JsonObject, JsonValue } from '@backstage/types';

/** The run or change that a call is about. */
export interface ActionSubject {
  run?: string;
  change?: string;
}

/** What the trace of an action is made from. */
export interface ActionAudit {
  auditor: AuditorService;
  /** Entity reference of who called. */
  actorOf(credentials: BackstageCredentials): Promise<string>;
  /** How a run or change stands; undefined when it is not there. */
  standingOf(subject: ActionSubject): Promise<JsonValue | undefined>;
}

const told = [
  'project',
  'id',
  'pipeline',
  'ref',
  'node',
  'model',
  'alias',
  'version',
  'title',
  'verdict',
  'reason',
];
const shownCharacters = 200;

/** The registry, with an audit event around every action that is registered. */
export function auditedRegistry(
  registry: ActionsRegistryService,
  audit: ActionAudit,
): ActionsRegistryService {
  return {
    register: options => {
      const isReadOnly = options.attributes?.readOnly === true;
      const standing = async (subject: ActionSubject) =>
        isReadOnly ? undefined : audit.standingOf(subject);
      registry.register({
        ...options,
        action: async context => {
          const { credentials } = context;
          const input = context.input as Record<string, unknown>;
          const event = await audit.auditor.createEvent({
            eventId: `action-${options.name}`,
            severityLevel: isReadOnly ? 'low' : 'medium',
            meta: {
              actor: await audit.actorOf(credentials),
              ...aboutOf(input),
            },
          });
          const meta: JsonObject = {};
          try {
            const subject = subjectOf(options.name, input);
            const before = await standing(subject);
            if (before !== undefined) meta.before = before;
            const result = await options.action(context);
            const output = ((result as any)?.output ?? {}) as Record<
              string,
              unknown
            >;
            const made = { ...subject, ...subjectOf(options.name, output) };
            const after = await standing(made);
            if (after !== undefined) Object.assign(meta, made, { after });
            await event.success({ meta });
            return result;
          } catch (error) {
            await event.fail({ error: error as Error, meta });
            throw error;
          }
        },
      });
    },
  };
}

// Actions of runs are named after them, all others with an id are about changes.
function subjectOf(
  name: string,
  { id, change }: Record<string, unknown>,
): ActionSubject {
  if (typeof change === 'string') return { change };
  if (typeof id !== 'string') return {};
  return /(^|-)(run|retry|pipeline)(-|$)/.test(name)
    ? { run: id }
    : { change: id };
}

const aboutOf = (input: Record<string, unknown>): JsonObject =>
  Object.fromEntries(
    told
      .filter(key => typeof input[key] === 'string')
      .map(key => [key, (input[key] as string).slice(0, shownCharacters)]),
  );
