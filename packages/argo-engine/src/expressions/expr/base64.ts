/** Base64 of a text in UTF-8. */
export function toBase64(text: string): string {
  return btoa(
    Array.from(new TextEncoder().encode(text), byte =>
      String.fromCharCode(byte),
    ).join(''),
  );
}

/** The text that a Base64 stands for. */
export function fromBase64(text: string): string {
  return new TextDecoder().decode(
    Uint8Array.from(atob(text), char => char.charCodeAt(0)),
  );
}
