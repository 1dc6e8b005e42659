/*
 * Faults that could stand in a source file: a condition turned round, a comparison shifted, a constant changed, a statement left
 * out. Each is a range of the text and what would stand there instead; names, types and messages are left alone.
 */

const comparisons = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
};

/** All mutants of a text, in the order of the text. */
export function mutantsOf(ts, file, text) {
  const source = ts.createSourceFile(
    file,
    text,
    ts.ScriptTarget.ES2022,
    true,
    ts.ScriptKind.TS,
  );
  const found = [];
  const add = (node, becomes, what) => {
    const from = node.getStart(source);
    const { line } = source.getLineAndCharacterOfPosition(from);
    const was = text.slice(from, node.end);
    found.push({
      file,
      line: line + 1,
      from,
      to: node.end,
      becomes,
      what,
      was,
    });
  };
  const visit = node => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
      return;
    changesOf(ts, node, source, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function changesOf(ts, node, source, add) {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node)) {
    const condition = node.expression;
    add(condition, `!(${condition.getText(source)})`, 'condition negated');
  } else if (ts.isConditionalExpression(node)) {
    const { condition } = node;
    add(condition, `!(${condition.getText(source)})`, 'condition negated');
  } else if (ts.isBinaryExpression(node)) {
    const { operatorToken } = node;
    const other = comparisons[operatorToken.getText(source)];
    if (other) add(operatorToken, other, 'operator changed');
  } else if (ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.ExclamationToken)
      add(node, node.operand.getText(source), 'negation removed');
  } else if (ts.isExpressionStatement(node))
    add(node, ';', 'statement removed');
  else if (ts.isNumericLiteral(node))
    add(node, String(Number(node.text) + 1), 'constant changed');
  else if (node.kind === ts.SyntaxKind.TrueKeyword)
    add(node, 'false', 'constant changed');
  else if (node.kind === ts.SyntaxKind.FalseKeyword)
    add(node, 'true', 'constant changed');
  else if (isComparedText(ts, node)) add(node, "'other'", 'constant changed');
}

// A text that something is compared with decides; one in a message does not.
function isComparedText(ts, node) {
  return (
    ts.isStringLiteral(node) &&
    (ts.isArrayLiteralExpression(node.parent) ||
      ts.isCaseClause(node.parent) ||
      (ts.isBinaryExpression(node.parent) &&
        /^[!=]==$/.test(node.parent.operatorToken.getText())))
  );
}

/** Takes a fixed choice of the list: the same seed gives the same. */
export function sample(list, count, seed) {
  let state = seed >>> 0 || 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const rest = [...list];
  const taken = [];
  while (taken.length < count && rest.length > 0)
    taken.push(...rest.splice(Math.floor(random() * rest.length), 1));
  return taken;
}
