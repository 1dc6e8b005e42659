/** How the tests went, for a person and, alone on the last line, for programs. */
export function summaryOf({ passed, failed, skipped }) {
  const leftOut =
    skipped > 0
      ? `\n${skipped} left out, as this machine or the options say\n`
      : '';
  return `${leftOut}\n${passed} passed, ${failed} failed`;
}
