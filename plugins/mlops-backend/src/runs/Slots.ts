/** Places for steps that run at the same time; who comes first is served first. */
export class Slots {
  private used = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly size: number) {}

  /** Resolves with a function that gives the place back; undefined when the signal aborts first. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (this.used >= this.size) {
      const turn = await new Promise<boolean>(resolve => {
        const enter = () => resolve(true);
        this.waiting.push(enter);
        signal.addEventListener('abort', () => {
          const at = this.waiting.indexOf(enter);
          if (at >= 0) this.waiting.splice(at, 1);
          resolve(false);
        });
      });
      if (!turn) return undefined;
    } else this.used += 1;
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
