/*
 * Both expression languages against the engines that Argo has. The values and errors of vectors.json come from
 * tests/oracles/expressions.go.txt with the versions that argo-workflows v3.7.2 requires: expr v1.17.5, sprig v3.3.0,
 * evilmonkeyinc/jsonpath v0.8.1, Knetic/govaluate v3.0.1-0.20171022003610. To make them again, put that text as main.go beside a
 * go.mod with these versions and run `go run . < vectors.json`.
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

it.each(['when'])('gives what the engine of %s gives', engine => {
  const differing = vectors
    .filter(vector => vector.engine === engine)
    .flatMap(vector => {
      const mine = ours(vector);
      const same =
        vector.error !== undefined
          ? mine.error !== undefined &&
            (engine === 'expr' || mine.error === vector.error)
          : toGoJson(mine.value) === toGoJson(vector.value);
      return same ? [] : [{ ...vector, ours: mine }];
    });
  expect(differing).toEqual([]);
});
