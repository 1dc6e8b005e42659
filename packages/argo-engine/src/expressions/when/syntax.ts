/* What may follow what in a condition: govaluate looks at neighbours before it plans anything. */
import { patternOf } from '../expr/pattern';
import { show, type Kind, type Token, type Value } from './tokens';

const operands: Kind[] = ['NUMERIC', 'BOOLEAN', 'VARIABLE', 'ACCESSOR'];
const start: Kind[] = ['PREFIX', ...operands, 'STRING', 'TIME', 'CLAUSE'];
const operators: Kind[] = [
  'MODIFIER',
  'COMPARATOR',
  'LOGICALOP',
  'CLAUSE_CLOSE',
  'SEPARATOR',
];
const followers: Record<Kind, Kind[]> = {
  UNKNOWN: [...start, 'PATTERN'],
  CLAUSE: [...start, 'PATTERN', 'CLAUSE_CLOSE'],
  CLAUSE_CLOSE: [
    ...operators,
    ...['NUMERIC', 'BOOLEAN', 'VARIABLE', 'STRING', 'PATTERN', 'TIME'],
    ...['CLAUSE', 'TERNARY'],
  ] as Kind[],
  NUMERIC: [...operators, 'TERNARY'],
  BOOLEAN: [...operators, 'TERNARY'],
  STRING: [...operators, 'TERNARY'],
  VARIABLE: [...operators, 'TERNARY'],
  ACCESSOR: [...operators, 'TERNARY', 'CLAUSE'],
  TIME: operators,
  PATTERN: operators,
  MODIFIER: ['PREFIX', ...operands, 'STRING', 'CLAUSE', 'CLAUSE_CLOSE'],
  COMPARATOR: [...start, 'PATTERN', 'CLAUSE_CLOSE'],
  LOGICALOP: [...start, 'CLAUSE_CLOSE'],
  PREFIX: [...operands, 'CLAUSE', 'CLAUSE_CLOSE'],
  TERNARY: [...start, 'SEPARATOR'],
  SEPARATOR: start,
};
const ends: Kind[] = [...operands, 'STRING', 'TIME', 'PATTERN', 'CLAUSE_CLOSE'];

/** Throws when the tokens are no condition; gives them with the texts after `=~` and `!~` as patterns. */
export function checkTokens(tokens: Token[]): Token[] {
  const count = (kind: Kind) => tokens.filter(t => t.kind === kind).length;
  if (count('CLAUSE') !== count('CLAUSE_CLOSE'))
    throw new Error('Unbalanced parenthesis');
  let last: Token = { kind: 'UNKNOWN', value: null };
  for (const token of tokens) {
    if (!followers[last.kind].includes(token.kind)) refuse(last, token);
    last = token;
  }
  if (!ends.includes(last.kind))
    throw new Error('Unexpected end of expression');
  return tokens.map((token, i) => {
    const before = tokens[i - 1];
    if (before?.kind !== 'COMPARATOR' || token.kind !== 'STRING') return token;
    if (before.value !== '=~' && before.value !== '!~') return token;
    patternOf(String(token.value));
    return { kind: 'PATTERN', value: token.value };
  });
}

function refuse(last: Token, token: Token): never {
  if (last.kind === 'VARIABLE' && token.kind === 'CLAUSE')
    throw new Error(`Undefined function ${last.value}`);
  const [from, to] = [last, token].map(
    ({ kind, value }) =>
      `${kind} [${kind === 'TIME' ? showTime(value) : show(value)}]`,
  );
  throw new Error(`Cannot transition token types from ${from} to ${to}`);
}

const showTime = (seconds: Value) =>
  new Date(Number(seconds) * 1000)
    .toISOString()
    .replace(/T(.*)\.000Z$/, ' $1 +0000 UTC');
