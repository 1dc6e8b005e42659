/**
 * A key that no other call has, for `Idempotency-Key`. `crypto.randomUUID` is there on https and localhost alone; random bytes are
 * there on plain http as well.
 */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
