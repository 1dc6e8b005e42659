/** Lifecycle stages that a view type asks for; active ones by default. */
export function stagesOf(view: unknown): string[] {
  if (view === 'ALL' || view === 3) return ['active', 'deleted'];
  return view === 'DELETED_ONLY' || view === 2 ? ['deleted'] : ['active'];
}
