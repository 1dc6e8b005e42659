/*
 * `depends` of a DAG task: task results with `&& || !` and parentheses. Source: Argo's workflow/common/ancestry.go (tokens)
 * and dag.go (results).
 */
const token =
  /\s*(&&|\|\||!|\(|\)|[a-zA-Z0-9_][-a-zA-Z0-9_]*(?:\.[A-Z][a-zA-Z]+)?)/y;
const results = [
  'Succeeded',
  'Failed',
  'Errored',
  'Skipped',
  'Omitted',
  'Daemoned',
  'AnySucceeded',
  'AllFailed',
];

/** A node of the parsed expression. */
export type Depends =
  | { op: 'task'; task: string; result?: string }
  | { op: 'not'; of: Depends }
  | { op: 'and' | 'or'; left: Depends; right: Depends };

/** Parses an expression. Throws an Error whose message names what was not understood. */
export function parseDepends(text: string): Depends {
  const tokens = tokensOf(text);
  let at = 0;
  const next = () => tokens[at++];
  const primary = (): Depends => {
    const word = next();
    if (word === '!') return { op: 'not', of: primary() };
    if (word === '(') {
      const inner = either();
      if (next() !== ')')
        throw new Error(`invalid depends expression '${text}': ')' is missing`);
      return inner;
    }
    if (word === undefined || /^[&|)]/.test(word))
      throw new Error(
        `invalid depends expression '${text}': a task is missing${
          word ? ` before '${word}'` : ' at the end'
        }`,
      );
    return toTask(word, text);
  };
  const both = (): Depends => {
    let left = primary();
    while (tokens[at] === '&&') {
      at += 1;
      left = { op: 'and', left, right: primary() };
    }
    return left;
  };
  const either = (): Depends => {
    let left = both();
    while (tokens[at] === '||') {
      at += 1;
      left = { op: 'or', left, right: both() };
    }
    return left;
  };
  const tree = either();
  if (at < tokens.length)
    throw new Error(
      `invalid depends expression '${text}': '${tokens[at]}' is not expected`,
    );
  return tree;
}

function tokensOf(text: string): string[] {
  if (text.length > 20_000)
    throw new Error('invalid depends expression: longer than 20000 characters');
  const found: string[] = [];
  token.lastIndex = 0;
  let end = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    found.push(
      match[1] === 'and'
        ? '&&'
        : match[1] === 'or'
        ? '||'
        : match[1] === 'not'
        ? '!'
        : match[1],
    );
    end = token.lastIndex;
  }
  if (text.slice(end).trim() !== '')
    throw new Error(
      `invalid depends expression '${text}': '${
        text.slice(end).trim()[0]
      }' is not expected`,
    );
  if (found.filter(word => word === '(' || word === '!').length > 500)
    throw new Error('invalid depends expression: nested too deeply');
  return found;
}

function toTask(word: string, text: string): Depends {
  const dot = word.lastIndexOf('.');
  if (dot < 0) return { op: 'task', task: word };
  const result = word.slice(dot + 1);
  if (!results.includes(result))
    throw new Error(
      `task result '${result}' for task '${word.slice(
        0,
        dot,
      )}' is invalid in '${text}'`,
    );
  return { op: 'task', task: word.slice(0, dot), result };
}

/** Names of the tasks in an expression; none when it cannot be parsed. */
export function dependsTasks(text: string): string[] {
  try {
    const names = new Set<string>();
    const walk = (node: Depends): void => {
      if (node.op === 'task') names.add(node.task);
      else if (node.op === 'not') walk(node.of);
      else [node.left, node.right].forEach(walk);
    };
    walk(parseDepends(text));
    return [...names];
  } catch {
    return [];
  }
}

/** Evaluates with a function that says whether a task has a result. */
export function evaluateDepends(
  tree: Depends,
  has: (task: string, result?: string) => boolean,
): boolean {
  switch (tree.op) {
    case 'task':
      return has(tree.task, tree.result);
    case 'not':
      return !evaluateDepends(tree.of, has);
    case 'and':
      return (
        evaluateDepends(tree.left, has) && evaluateDepends(tree.right, has)
      );
    default:
      return (
        evaluateDepends(tree.left, has) || evaluateDepends(tree.right, has)
      );
  }
}
