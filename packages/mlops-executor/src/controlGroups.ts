/*
 * Where the kernel lets this process make control groups. Tried once, by making one: what files say about rights and what the kernel
 * then allows differ in containers.
 */
import fs from 'node:fs/promises';
import path from 'node:path';

/** Folders in which groups of steps are made. */
export interface ControlGroups {
  /** Of the kernel's interface. */
  version: 1 | 2;
  memory?: string;
  cpu?: string;
  /** Where the number of processes is held; a group that holds the rest may lack it. */
  pids?: string;
}

/** What `probeControlGroups` found. @public */
export interface ControlGroupsProbe {
  /** The kernel holds the memory of steps. */
  memory: boolean;
  /** The kernel holds the processor time of steps. */
  cpu: boolean;
  /** Why not, when one of them is missing. */
  reason?: string;
}

interface Found {
  groups?: ControlGroups;
  reason?: string;
}

let known: Promise<Found> | undefined;

/** The folders, and why some are missing. Asked once. */
export function findControlGroups(): Promise<Found> {
  known ??= find().catch(error => ({ reason: error.message }));
  return known;
}

/** Whether the kernel holds steps to their limits of memory and processor time on this machine. @public */
export async function probeControlGroups(): Promise<ControlGroupsProbe> {
  const { groups, reason } = await findControlGroups();
  return {
    memory: groups?.memory !== undefined,
    cpu: groups?.cpu !== undefined,
    ...(reason ? { reason } : {}),
  };
}

interface Mount {
  type: string;
  /** Folder of the hierarchy that is mounted there. */
  root: string;
  place: string;
  options: string[];
}

async function find(): Promise<Found> {
  if (process.platform !== 'linux')
    return {
      reason: `control groups are Linux's, this is ${process.platform}`,
    };
  return findIn(
    await fs.readFile('/proc/self/mountinfo', 'utf8'),
    await fs.readFile('/proc/self/cgroup', 'utf8'),
    fs,
  );
}

/** What is done in the kernel's folders. */
export type GroupFiles = Pick<
  typeof fs,
  'mkdir' | 'readFile' | 'rmdir' | 'writeFile'
>;

/** Looks where groups can be made, by what the kernel says of the mounts and of this process's own groups. */
export async function findIn(
  mountText: string,
  ownText: string,
  files: GroupFiles,
): Promise<Found> {
  const mounts = parseMounts(mountText);
  const own = parseOwn(ownText);
  const faults: string[] = [];
  const second = mounts.find(({ type }) => type === 'cgroup2');
  if (second) {
    const present = placeIn(second, own.get('') ?? '/');
    for (const folder of present ? candidates(present) : [])
      try {
        await passOn(folder, ['memory', 'cpu'], files);
        await tryOut(folder, { file: 'memory.max', value: 'max' }, files);
        await tryOut(folder, { file: 'cpu.max', value: 'max 100000' }, files);
        const pids = await passOn(folder, ['pids'], files).then(
          () => ({ pids: folder }),
          () => ({}),
        );
        return {
          groups: { version: 2, memory: folder, cpu: folder, ...pids },
        };
      } catch (error) {
        faults.push((error as Error).message);
      }
  }
  const groups: ControlGroups = { version: 1 };
  for (const [kind, file, value] of [
    ['pids', 'pids.max', 'max'],
    ['memory', 'memory.limit_in_bytes', '-1'],
    ['cpu', 'cpu.cfs_quota_us', '-1'],
  ] as const) {
    const mount = mounts.find(
      ({ type, options }) => type === 'cgroup' && options.includes(kind),
    );
    const folder = mount && placeIn(mount, own.get(kind) ?? '/');
    if (!folder) continue;
    try {
      await tryOut(folder, { file, value }, files);
      groups[kind] = folder;
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  const isWhole = groups.memory && groups.cpu;
  return {
    ...(groups.memory || groups.cpu || groups.pids ? { groups } : {}),
    ...(isWhole
      ? {}
      : { reason: faults.at(-1) ?? 'this machine has no control groups' }),
  };
}

// A service of systemd whose processes are in a group below it (DelegateSubgroup=) has the service's own for its steps.
const candidates = (folder: string) =>
  /\.(service|scope)$/.test(path.dirname(folder))
    ? [folder, path.dirname(folder)]
    : [folder];

/** Lets groups below the folder have limits of these kinds. */
async function passOn(
  folder: string,
  kinds: string[],
  files: GroupFiles,
): Promise<void> {
  const words = async (name: string) =>
    (await files.readFile(path.join(folder, name), 'utf8')).trim().split(' ');
  const missing = (list: string[]) =>
    kinds.filter(name => !list.includes(name));
  const absent = missing(await words('cgroup.controllers'));
  if (absent.length > 0)
    throw new Error(`${folder} has no controller '${absent[0]}'`);
  const off = missing(await words('cgroup.subtree_control'));
  if (off.length > 0)
    await files.writeFile(
      path.join(folder, 'cgroup.subtree_control'),
      off.map(name => `+${name}`).join(' '),
    );
}

async function tryOut(
  folder: string,
  { file, value }: { file: string; value: string },
  files: GroupFiles,
): Promise<void> {
  const trial = path.join(folder, `mlops-trial-${process.pid}`);
  await files.mkdir(trial, { recursive: true });
  try {
    await files.writeFile(path.join(trial, file), value);
  } finally {
    await files.rmdir(trial);
  }
}

/** Folder of a group, as it is seen through a mount; undefined when it is outside of what is mounted. */
function placeIn({ root, place }: Mount, group: string): string | undefined {
  const below = path.posix.relative(root, group);
  return below.startsWith('..') ? undefined : path.join(place, below);
}

function parseMounts(text: string): Mount[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [left, right] = line.split(' - ');
      const [, , , root, place] = left.split(' ');
      const [type, , options] = right.split(' ');
      return { type, root, place, options: options.split(',') };
    });
}

/** The group of this process by controller; '' is the one of version 2. */
function parseOwn(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const name of (controllers ?? '').split(',')) found.set(name, group);
  }
  return found;
}
