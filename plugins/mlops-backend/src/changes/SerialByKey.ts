/** Does one thing after the other where they have the same key. */
export class SerialByKey {
  private readonly last = new Map<string, Promise<unknown>>();

  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const end = mine
      .catch(() => undefined)
      .then(() => {
        if (this.last.get(key) === end) this.last.delete(key);
      });
    this.last.set(key, end);
    return mine;
  }
}
