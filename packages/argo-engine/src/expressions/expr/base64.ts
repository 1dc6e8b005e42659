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
  const wrong = /[^A-Za-z0-9+/=\r\n]/.exec(text);
  if (wrong || text.replace(/[\r\n]/g, '').length % 4 !== 0)
    throw new Error(
      `illegal base64 data at input byte ${wrong?.index ?? text.length}`,
    );
  return new TextDecoder().decode(
    Uint8Array.from(atob(text), char => char.charCodeAt(0)),
  );
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 of a text in UTF-8. */
export function toBase32(text: string): string {
  const bits = Array.from(new TextEncoder().encode(text), byte =>
    byte.toString(2).padStart(8, '0'),
  ).join('');
  const digits = (bits.match(/.{1,5}/g) ?? [])
    .map(part => alphabet[parseInt(part.padEnd(5, '0'), 2)])
    .join('');
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

/** The text that a Base32 stands for. */
export function fromBase32(text: string): string {
  const wrong = /[^A-Z2-7=\r\n]/.exec(text);
  if (wrong)
    throw new Error(`illegal base32 data at input byte ${wrong.index}`);
  const bits = Array.from(text.replace(/[=\r\n]/g, ''), char =>
    alphabet.indexOf(char).toString(2).padStart(5, '0'),
  ).join('');
  const bytes = (bits.match(/.{8}/g) ?? []).map(part => parseInt(part, 2));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
