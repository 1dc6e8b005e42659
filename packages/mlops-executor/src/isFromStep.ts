/*
 * Which connections come from steps. A step shares the machine's network, so its address is everybody's; what tells it from others is
 * who holds the other end. The kernel says which socket that is (/proc/net/tcp) and which process has it open (/proc/<pid>/fd).
 */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Socket } from 'node:net';

/** The portal's end of a connection. @public */
export type Connection = Pick<
  Socket,
  'remoteAddress' | 'remotePort' | 'localPort'
>;

const nobody = 65534;
const program = 'mlops-executor/bin/executor.cjs';
/** How often a holder is looked for that is not seen: it may have handed the socket on while others were looked at. */
const rounds = 3;

// Who holds a connection stays the same: no step gets hold of another process's socket.
const known = new WeakMap<Connection, Promise<boolean>>();

/**
 * Whether a step that runs on this machine holds the other end of a connection. When the holder cannot be told, and it may be a step,
 * the answer is yes. Always false where there is no /proc.
 *
 * @public
 */
export function isFromStep(connection: Connection): Promise<boolean> {
  const answer = known.get(connection) ?? decide(connection);
  known.set(connection, answer);
  return answer;
}

async function decide(connection: Connection): Promise<boolean> {
  if (!isThisMachine(connection.remoteAddress)) return false;
  let doubt = true;
  for (let round = 0; round < rounds; round++) {
    if (!(await isAnyAtWork())) return false;
    const socket = await otherEnd(connection);
    // It has let go of the connection: nobody is there who would read an answer.
    if (!socket) continue;
    if (socket.uid !== uidOfSteps()) return false;
    const { holders, hidden } = await holdersOf(socket);
    const kinds = await Promise.all(holders.map(kindOf));
    if (kinds.includes('step')) return true;
    if (kinds.includes('other')) return false;
    const others = await Promise.all(hidden.map(kindOf));
    doubt =
      kinds.includes('gone') ||
      others.includes('step') ||
      !others.includes('other');
  }
  return doubt;
}

/** Steps of a portal that runs as root are nobody's; others have the user of their portal. */
const uidOfSteps = () => process.getuid?.() || nobody;

function isThisMachine(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/, '');
  // All of 127.0.0.0/8 is this machine, and only one address of it is listed.
  if (plain?.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some(entries =>
    entries?.some(entry => entry.address === plain),
  );
}

const numbers = async () =>
  (await readdir('/proc').catch(() => []))
    .filter(name => /^\d+$/.test(name))
    .map(Number);

const textOf = (pid: number, name: string) =>
  readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');

const isExecutor = async (pid: number) =>
  (await textOf(pid, 'cmdline')).split('\0')[1]?.endsWith(program) ?? false;

async function isAnyAtWork(): Promise<boolean> {
  const all = await Promise.all((await numbers()).map(isExecutor));
  return all.includes(true);
}

/** A process below an executor is a step's, however deep. One that went while it was looked at is neither. */
async function kindOf(pid: number): Promise<'step' | 'other' | 'gone'> {
  const stat = await textOf(pid, 'stat');
  if (!stat) return 'gone';
  // The name of a program stands in brackets and may hold any character.
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  if (parent === 0) return 'other';
  return (await isExecutor(parent)) ? 'step' : kindOf(parent);
}

interface KernelSocket {
  inode: string;
  uid: number;
}

/** The socket of the other end, as the kernel lists it; undefined when nobody has it open. */
async function otherEnd({
  remotePort,
  localPort,
}: Connection): Promise<KernelSocket | undefined> {
  const lists = await Promise.all(
    ['tcp', 'tcp6'].map(name =>
      readFile(`/proc/net/${name}`, 'utf8').catch(() => ''),
    ),
  );
  // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode; ports are hexadecimal.
  return lists
    .flatMap(list => list.split('\n').slice(1))
    .map(line => line.trim().split(/\s+/))
    .filter(
      ([, local, remote]) =>
        portOf(local) === remotePort && portOf(remote) === localPort,
    )
    .map(fields => ({ uid: Number(fields[7]), inode: fields[9] }))
    .find(({ inode }) => inode !== '0');
}

const portOf = (address: string | undefined) =>
  parseInt(address?.split(':')[1] ?? '', 16);

/** Processes that have a socket open, and processes of its user that do not let themselves be looked at. */
async function holdersOf({
  inode,
  uid,
}: KernelSocket): Promise<{ holders: number[]; hidden: number[] }> {
  const holders: number[] = [];
  const hidden: number[] = [];
  await Promise.all(
    (
      await numbers()
    ).map(async pid => {
      try {
        if (await hasOpen(pid, `socket:[${inode}]`)) holders.push(pid);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EACCES') return;
        const status = await textOf(pid, 'status');
        if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) === uid)
          hidden.push(pid);
      }
    }),
  );
  return { holders, hidden };
}

async function hasOpen(pid: number, file: string): Promise<boolean> {
  for (const name of await readdir(`/proc/${pid}/fd`))
    if ((await readlink(`/proc/${pid}/fd/${name}`).catch(() => '')) === file)
      return true;
  return false;
}
