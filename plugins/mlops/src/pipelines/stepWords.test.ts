import { shortCondition } from './stepWords';

describe('shortCondition', () => {
  it.each([
    ["'{{tasks.judge.outputs.parameters.good}}' == 'yes'", 'good == yes'],
    ['{{steps.flip.outputs.result}} == heads', 'flip == heads'],
    ['{{= inputs.parameters.rows }} > 3', 'rows > 3'],
    ['true', 'true'],
  ])('%s reads %s', (when, short) => {
    expect(shortCondition(when)).toBe(short);
  });
});
