/*
 * The log of a step without what Argo's executor writes into it: every container's command runs below `argoexec emissary`, whose own
 * lines (marked `argo=true`, as text or as JSON) are in the same log. Where a step failed, the last of them is followed by the
 * executor's own `Error: exit status <n>`. Source: cmd/argoexec/commands.
 */
const asText =
  /time="?\d{4}-\d\d-\d\dT[^ ]+ level=[A-Za-z]+ msg=.*\bargo=true\b.*$/;
const asJson = /\{"time":"\d{4}-\d\d-\d\dT[^"]+",.*"argo":true.*\}$/;
const exited = /sub-process exited"(?=.*\berror"?[=:]"([^"]*)")/;
/** How the executor's lines begin. */
const starts = ['time=', '{"time":"'];
/** A piece without an end of line that is longer is none of the executor's. */
const longest = 64 * 1024;

/** Pieces of a log as they come, without the executor's lines. A line is held back only while it may be one of them. */
export async function* withoutExecutor(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let rest = '';
  let error: string | undefined;
  const keep = (line: string): string => {
    const end = line.endsWith('\n') ? '\n' : '';
    const text = line.slice(0, line.length - end.length);
    if (error !== undefined && text === `Error: ${error}`) return '';
    const found = asText.exec(text) ?? asJson.exec(text);
    if (!found) return line;
    error = exited.exec(found[0])?.[1] ?? error;
    // What a step wrote without an end of line stands before it.
    return text.slice(0, found.index);
  };
  for await (const piece of pieces) {
    // One sign a byte, whatever the text is written in.
    const lines = (rest + Buffer.from(piece).toString('latin1')).split(
      /(?<=\n)/,
    );
    rest = lines.at(-1)?.endsWith('\n') ? '' : lines.pop() ?? '';
    let text = lines.map(keep).join('');
    if (!mayBeExecutor(rest, error)) {
      text += rest;
      rest = '';
    }
    if (text !== '') yield Buffer.from(text, 'latin1');
  }
  const last = keep(rest);
  if (last !== '') yield Buffer.from(last, 'latin1');
}

function mayBeExecutor(text: string, error: string | undefined): boolean {
  if (text.length > longest) return false;
  if (error !== undefined && 'Error:'.startsWith(text.slice(0, 6))) return true;
  return starts.some(
    start =>
      text.includes(start) ||
      [...start].some(
        (_sign, index) => index > 0 && text.endsWith(start.slice(0, index)),
      ),
  );
}
