/** Tags of rows by what they belong to, in the order of the rows. */
export function groupTags(
  rows: any[],
  idOf: (row: any) => string,
): Map<string, { key: string; value: string }[]> {
  const groups = new Map<string, { key: string; value: string }[]>();
  for (const row of rows) {
    const group = groups.get(idOf(row)) ?? [];
    if (group.length === 0) groups.set(idOf(row), group);
    group.push({ key: row.key, value: row.value });
  }
  return groups;
}
