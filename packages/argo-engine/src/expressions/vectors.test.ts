/*
 * Both expression languages against the engines that Argo has. The values and errors of vectors.json come from
 * tests/oracles/expressions.go.txt, with expr v1.17.8 as argo-workflows v4.1.2 has it, sprig v3.3.0, and the other versions that stand at
 * its head. To make them again, put that text as main.go beside a go.mod with these versions and run `TZ=UTC go run . < vectors.json`.
 */
import { evaluateExpression } from './expr/evaluate';
import { toGoJson } from './expr/values';
import { environmentOf, type Scope } from './tags';
import recorded from './vectors.json';
import { evaluateWhen } from './when';

interface Vector {
  engine: string;
  source: string;
  value?: unknown;
  error?: string;
}

const environment = environmentOf(recorded.env as Scope);
const vectors: Vector[] = recorded.vectors;

/** What is not as in Go, and why. */
const outside: Record<string, string[]> = {
  'the letters of zones that no English has are not known': [
    'date("2024-01-15T10:31:12Z").In(timezone("Asia/Tokyo")).Format("15:04 -0700 MST")',
  ],
  'max and min compare numbers': ['max(duration("1s"), duration("2s"))'],
  'what differs each time is refused': ['sprig.uuidv4() == ""'],
  'a whole number is an int, also when Go has a float': [
    'string(123456789.0)',
    'type(fromJSON("1"))',
    '7.0 % 2',
    '{"a":1} == {"a":1.0}',
    '9223372036854775807 + 1',
  ],
  'maps with keys of any type, which Go cannot write as JSON, have texts as keys':
    [
      'groupBy([1, 2, 3, 4], # % 2)',
      'groupBy(fromJSON(people), .age > 30)',
      'fromPairs([["a", 1], ["b", 2]])',
      'groupBy([1,2,3],# % 2)',
      'fromPairs([["a",1]])',
      'groupBy(["a","b","a"], #)',
    ],
  'the parts of a version are values, in Go functions': [
    'sprig.semver("1.2.3-beta+5").Major',
    'sprig.semver("1.2")',
  ],
  'types of the items of a list are not known before they are read': [
    'filter(["a"], # == 1)',
    'map([1], # == "a")',
  ],
  'the end of an empty text has a place': [''],
  'one comparison follows another only in Go': ['1 < 2 < 3'],
  'a text of bytes is refused': ['b"abc"'],
  'the side of a condition that is not taken is not looked at': [
    'true ? 1 : 2 ? 3 : 4',
  ],
  'a statement before `;` is refused': ['1;2'],
};
const isOutside = ({ source }: Vector) =>
  Object.values(outside).some(sources => sources.includes(source));

function ours({ engine, source }: Vector): Partial<Vector> {
  try {
    const value =
      engine === 'when'
        ? evaluateWhen(source)
        : evaluateExpression(source, environment);
    return { value };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Conditions and texts that are no expression are refused in Go's words; other faults of expressions in our own. */
function isSame(theirs: Vector, mine: Partial<Vector>): boolean {
  if (theirs.error === undefined)
    return toGoJson(mine.value) === toGoJson(theirs.value);
  const isExact =
    theirs.engine === 'when' ||
    /^(unexpected token|unknown name|literal not|cannot fetch)/.test(
      theirs.error,
    );
  return isExact ? mine.error === theirs.error : mine.error !== undefined;
}

const differing = (some: Vector[]) =>
  some
    .map(vector => ({ vector, mine: ours(vector) }))
    .filter(({ vector, mine }) => !isSame(vector, mine));

it.each(['expr', 'when'])('gives what the engine of %s gives', engine => {
  const inside = vectors.filter(
    vector => vector.engine === engine && !isOutside(vector),
  );
  expect(differing(inside)).toEqual([]);
});

it('names nothing as different that is the same', () => {
  const named = Object.values(outside).flat();
  const found = differing(vectors.filter(isOutside));
  expect(found.map(({ vector }) => vector.source).sort()).toEqual(named.sort());
});
