import { statfs } from 'node:fs/promises';

const gibibyte = 1024 ** 3;
const inWords = (bytes: number) => `${Math.floor(bytes / 1024 ** 2)} MiB`;

/** Whether the disk has room for runs that begin. Those that go on may use what is left. */
export class FreeSpace {
  constructor(
    private readonly folder: string,
    /** Default: the smaller of 1 GiB and 5 % of the disk. */
    private readonly floorBytes?: number,
  ) {}

  /** Why no run may begin, as one sentence; undefined when there is room, or nobody can say. */
  async complaint(): Promise<string | undefined> {
    const disk = await statfs(this.folder).catch(() => undefined);
    if (!disk) return undefined;
    const free = disk.bavail * disk.bsize;
    const floor =
      this.floorBytes ?? Math.min(gibibyte, disk.blocks * disk.bsize * 0.05);
    return free < floor
      ? `The disk has ${inWords(free)} left; runs begin when it has ${inWords(
          floor,
        )} (mlops.limits.freeBytes).`
      : undefined;
  }
}
