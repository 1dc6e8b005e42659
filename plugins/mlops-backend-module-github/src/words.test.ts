import { mergedByOf, mergeTrailers, readBody, toBody } from './words';

const jen = { name: 'Jen', ref: 'user:default/jen' };

describe('words', () => {
  it.each([
    ['', 'nothing'],
    ['One line', 'a line'],
    ['# A\n\n---\n\n* list\n', 'Markdown with a rule'],
    ['ünï 🎃\n\nnext', 'letters'],
  ])('gives back %j: %s', text => {
    const body = toBody(text, 'Said by', jen, { by: jen.ref, id: '1' });
    expect(readBody(body, true)).toEqual({
      text: text.trimEnd(),
      marker: { by: jen.ref, id: '1' },
    });
    expect(readBody(body.replace(/\n/g, '\r\n'), true).marker?.by).toBe(
      jen.ref,
    );
  });

  it('believes nothing of what others wrote, and nothing inside a text', () => {
    const forged = toBody('x', 'Said by', jen, { by: 'user:default/rex' });
    expect(readBody(forged, false)).toEqual({ text: forged });
    expect(
      readBody(toBody(forged, 'Said by', jen, { by: jen.ref }), true).marker,
    ).toEqual({ by: jen.ref });
    expect(
      readBody(toBody('', 'Said by', jen, { by: '--> <!-- mlops {}' }), true)
        .marker,
    ).toEqual({ by: '--> <!-- mlops {}' });
  });

  it('names a person without what Markdown reads into it', () => {
    expect(
      toBody(
        '',
        'Said by',
        { ...jen, name: '*[x](y)* @team `z`\n# A' },
        { by: '' },
      ),
    ).toMatch(
      /^---\n\*Said by x \(y\)\s+team\s+z\s+A \(`user:default\/jen`\) in the portal\*\n/,
    );
  });

  it('finds who merged in a message', () => {
    const message = `Title (#7)\n\nWhy.\n\n${mergeTrailers(7, jen)}\n`;
    expect(mergedByOf(message)).toBe(jen.ref);
    expect(mergedByOf('Title')).toBeUndefined();
  });
});
