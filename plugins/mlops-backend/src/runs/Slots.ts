/** Places for steps that run at the same time; who comes first is served first. */
export class Slots {
  private used = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly size: number) {}

  /** Resolves with a function that gives the place back; undefined when the signal aborts first. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted) return undefined;
    const free = this.takeFree();
    if (free) return free;
    const turn = await new Promise<boolean>(resolve => {
      const enter = () => resolve(true);
      this.waiting.push(enter);
      signal.addEventListener('abort', () => {
        const at = this.waiting.indexOf(enter);
        if (at >= 0) this.waiting.splice(at, 1);
        resolve(false);
      });
    });
    return turn ? this.place() : undefined;
  }

  /** As `take`, of a place that is free now; undefined when none is. */
  takeFree(): (() => void) | undefined {
    if (this.used >= this.size) return undefined;
    this.used += 1;
    return this.place();
  }

  // A place that is given back goes to who waits longest.
  private place(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.waiting.shift();
      if (next) next();
      else this.used -= 1;
    };
  }
}
