import fc from 'fast-check';
import { changeText, withPlainEnds } from './lineEnds';

describe('changeText', () => {
  it('changes a value and leaves the ends of all lines as they were', () => {
    const text = 'a: 1\r\nb: 2\nc: 3\r\n';
    const at = withPlainEnds(text).indexOf('3');
    expect(
      changeText(text, [{ from: at, to: at + 1, insert: '4\nd: 5' }]),
    ).toBe('a: 1\r\nb: 2\nc: 4\r\nd: 5\r\n');
  });

  it('gives what the editor shows, whatever the lines end with', () => {
    const piece = fc.constantFrom('a', 'b: 1', '\n', '\r\n', '\r', ' ');
    const text = fc.array(piece, { maxLength: 20 }).map(all => all.join(''));
    fc.assert(
      fc.property(text, fc.nat(), fc.nat(), text, (old, x, y, typed) => {
        const shown = withPlainEnds(old);
        const [from, to] = [x, y]
          .map(offset => offset % (shown.length + 1))
          .sort((a, b) => a - b);
        const insert = withPlainEnds(typed);
        expect(withPlainEnds(changeText(old, [{ from, to, insert }]))).toBe(
          shown.slice(0, from) + insert + shown.slice(to),
        );
      }),
    );
  });
});
