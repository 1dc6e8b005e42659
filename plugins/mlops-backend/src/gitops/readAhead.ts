/** Every item with what was read of it, in order; up to `width` items are being read while one is looked at. */
export async function* readAhead<T, R>(
  items: T[],
  width: number,
  read: (item: T) => Promise<R> | undefined,
): AsyncGenerator<[T, R | undefined]> {
  const begun: (Promise<R> | undefined)[] = [];
  for (let at = 0; at < items.length; at++) {
    for (let next = begun.length; next < items.length; next++) {
      if (next > at + width) break;
      begun[next] = read(items[next]);
      // It is told when its turn comes, also if somebody stops before.
      begun[next]?.catch(() => {});
    }
    yield [items[at], await begun[at]];
    begun[at] = undefined;
  }
}
