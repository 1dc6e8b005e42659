import { parseCsv } from './parseCsv';

describe('parseCsv', () => {
  it('reads rows of cells, with or without a last line end', () => {
    expect(parseCsv('a,b\n1,2')).toEqual(parseCsv('a,b\r\n1,2\r\n'));
  });

  it('keeps commas, line ends and doubled quotes within quotes', () => {
    expect(parseCsv('"a,b","c\nd","say ""hi"""\n')).toEqual([
      ['a,b', 'c\nd', 'say "hi"'],
    ]);
  });

  it('keeps empty cells, the last one too', () => {
    expect(parseCsv('a,,\n')).toEqual([['a', '', '']]);
  });

  it('takes a quote in the middle of a cell as it is', () => {
    expect(parseCsv('5" wide,x')).toEqual([['5" wide', 'x']]);
  });

  it('stops at the limit', () => {
    expect(parseCsv('1\n2\n3\n', 2)).toEqual([['1'], ['2']]);
  });
});
