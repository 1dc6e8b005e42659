import { formatInteger, sequenceItems } from './sequence';

describe('sequenceItems', () => {
  it.each([
    [{ count: '3' }, ['0', '1', '2']],
    [{ start: '5', count: 2 }, ['5', '6']],
    [{ start: 2, end: '4' }, ['2', '3', '4']],
    [{ start: '4', end: '2' }, ['4', '3', '2']],
    [{ start: '-1', end: '1' }, ['-1', '0', '1']],
    [{ start: '7', end: '7' }, ['7']],
    [{ count: '0' }, []],
    [{ start: '9', count: '2', format: 'n%03d' }, ['n009', 'n010']],
  ])('gives %j as %j', (sequence, items) => {
    expect(sequenceItems(sequence as Record<string, unknown>)).toEqual(items);
  });

  it('refuses what is no whole number, what has no end, and more items than could run', () => {
    expect(() => sequenceItems({ start: 'a', end: '2' })).toThrow(
      "withSequence.start 'a' is not a whole number",
    );
    expect(() => sequenceItems({ start: '1' })).toThrow('with end or count');
    expect(sequenceItems({ end: '99999' })).toHaveLength(100_000);
    expect(() => sequenceItems({ end: '100000' })).toThrow(
      'withSequence has 100001 items; at most 100000 are run',
    );
    for (const [start, end] of [
      ['100000', '0'],
      ['5', '100005'],
      ['-5', '-100005'],
    ])
      expect(() => sequenceItems({ start, end })).toThrow(
        'withSequence has 100001 items',
      );
  });
});

describe('formatInteger', () => {
  // Answers of Go's fmt.Sprintf.
  it.each([
    ['%d', 7, '7'],
    ['%d', -7, '-7'],
    ['%+d', 7, '+7'],
    ['% d', 7, ' 7'],
    ['%5d|', 42, '   42|'],
    ['%-5d|', 42, '42   |'],
    ['%05d', -42, '-0042'],
    ['%+05d', 42, '+0042'],
    ['%06.3d', 5, '   005'],
    ['%.3d', 5, '005'],
    ['%x', 255, 'ff'],
    ['%X', 255, 'FF'],
    ['%#x', 255, '0xff'],
    ['%#X', 255, '0XFF'],
    ['%o', 8, '10'],
    ['%#o', 8, '010'],
    ['%b', 5, '101'],
    ['%#b', 5, '0b101'],
    ['%v', 12, '12'],
    ['%c', 65, 'A'],
    ['%c', -1, '\ufffd'],
    ['%c', 0, '\0'],
    ['%c', 0xd7ff, '\ud7ff'],
    ['%c', 0xd800, '\ufffd'],
    ['%c', 0xdfff, '\ufffd'],
    ['%c', 0xe000, '\ue000'],
    ['%c', 0x1f600, '\u{1f600}'],
    ['%c', 0x10ffff, '\u{10ffff}'],
    ['%c', 0x110000, '\ufffd'],
    ['%q', 65, "'A'"],
    ['%q', 228, "'ä'"],
    ['%q', -1, "'\ufffd'"],
    ['%q', 0, "'\\x00'"],
    ['%q', 7, "'\\a'"],
    ['%q', 10, "'\\n'"],
    ['%q', 31, "'\\x1f'"],
    ['%q', 32, "' '"],
    ['%q', 39, "'\\''"],
    ['%q', 92, "'\\\\'"],
    ['%q', 127, "'\\x7f'"],
    ['%U', 65, 'U+0041'],
    ['%U', -1, 'U+FFFFFFFFFFFFFFFF'],
    ['%U', 0x110000, 'U+110000'],
    ['%s', 3, '%!s(int=3)'],
    ['100%% %d', 3, '100% 3'],
    ['plain', 3, 'plain%!(EXTRA int=3)'],
    ['%2d', 42, '42'],
  ])('writes %s of %d as "%s"', (format, value, text) => {
    expect(formatInteger(format as string, value as number)).toBe(text);
  });

  it('does not fill more than a thousand places', () => {
    expect(formatInteger('%1000d', 1)).toHaveLength(1000);
    expect(formatInteger('%1001d', 1)).toBe('1');
  });
});
