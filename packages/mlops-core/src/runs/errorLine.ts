/* eslint-disable no-control-regex -- colour codes are taken out of logs */

/** The line of a log that says what went wrong: the last error line, else the last line. At most 500 characters. @public */
export function errorLine(log: string): string | undefined {
  const lines = log
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .map(line => line.trim())
    .filter(
      line => line !== '' && !/^(at |Node\.js v\d|\^+$|throw )/.test(line),
    );
  const named = lines.filter(
    line =>
      /^(\w+\.)*\w*(Error|Exception)\b.*/.test(line) &&
      !/^\w+Error$/.test(line),
  );
  return (named[named.length - 1] ?? lines[lines.length - 1])?.slice(0, 500);
}
