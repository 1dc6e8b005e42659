/** The same function; an answer is kept for a while, also one that is asked for twice at once. Faults are not kept. */
export function kept<T>(
  ms: number,
  ask: (key: string) => Promise<T>,
): (key: string) => Promise<T> {
  const answers = new Map<string, { until: number; answer: Promise<T> }>();
  return key => {
    const now = Date.now();
    const known = answers.get(key);
    if (known && known.until > now) return known.answer;
    const answer = ask(key);
    answers.set(key, { until: now + ms, answer });
    answer.catch(() => answers.delete(key));
    return answer;
  };
}
