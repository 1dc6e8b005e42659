import { findErrorLine, LogText, searchLines, splitAround } from './LogText';

function textsOf(log: LogText) {
  return log.lines().map(({ text }) => text);
}

describe('LogText', () => {
  it('joins lines that come in parts and shows the one that still grows', () => {
    const log = new LogText();
    log.append('one\ntw');
    expect(textsOf(log)).toEqual(['one', 'tw']);
    log.append('o\n');
    expect(log.lines()).toEqual([
      { number: 1, text: 'one' },
      { number: 2, text: 'two' },
    ]);
  });

  it('keeps empty lines, so that numbers agree with the file', () => {
    const log = new LogText();
    log.append('a\n\nb\n');
    expect(textsOf(log)).toEqual(['a', '', 'b']);
  });

  it('shows of a progress bar what was written last', () => {
    const log = new LogText();
    log.append('10 %\r50 %\r100 %\ndone\r\n');
    expect(textsOf(log)).toEqual(['100 %', 'done']);
  });

  it('counts bytes, not characters, to go on from after a break', () => {
    const log = new LogText();
    log.append('ü€');
    expect(log.byteLength).toBe(5);
  });
});

describe('searchLines', () => {
  it('finds words through colours and whatever their case, with their numbers', () => {
    const log = new LogText();
    log.append('start\nL\u001b[31moss\u001b[0m 0.3\nend\n');
    expect(searchLines(log.lines(), 'LOSS').map(line => line.number)).toEqual([
      2,
    ]);
  });

  it('gives every line when nothing is asked for', () => {
    const lines = [{ number: 1, text: 'a' }];
    expect(searchLines(lines, '')).toBe(lines);
  });
});

describe('findErrorLine', () => {
  it('points at the last line that names an error, not at its stack', () => {
    const log = new LogText();
    log.append(
      'Error: first try\nagain\nTypeError: no rows\n    at fit (fit.ts:3)\n',
    );
    expect(findErrorLine(log.lines())).toBe(3);
  });

  it('points at the last of several equal errors, which ended the step', () => {
    const log = new LogText();
    log.append('Error: no rows\nagain\nError: no rows\n');
    expect(findErrorLine(log.lines())).toBe(3);
  });

  it('points at the last line where none names an error', () => {
    const log = new LogText();
    log.append('working\nKilled\n');
    expect(findErrorLine(log.lines())).toBe(2);
  });

  it('points nowhere in an empty log', () => {
    expect(findErrorLine([])).toBeUndefined();
  });
});

describe('splitAround', () => {
  it('finds the words wherever they are, whatever their case', () => {
    expect(splitAround('Loss 1, loss 2', 'loss')).toEqual([
      '',
      'Loss',
      ' 1, ',
      'loss',
      ' 2',
    ]);
    expect(splitAround('aaa', 'aa')).toEqual(['', 'aa', 'a']);
    expect(splitAround('none', 'loss')).toEqual(['none']);
    expect(splitAround('any', '')).toEqual(['any']);
  });
});
