import { groupReasons } from './groupReasons';

describe('groupReasons', () => {
  it('takes reasons that differ in numbers alone for one', () => {
    expect(
      groupReasons([
        'row 4: x is missing',
        'blurred: 3.5, at least 40',
        'row 12: x is missing',
      ]),
    ).toEqual([
      { label: 'row …: x is missing', amount: 2 },
      { label: 'blurred: 3.5, at least 40', amount: 1 },
    ]);
  });

  it('keeps the number that all of them have', () => {
    expect(groupReasons(['24 pixels', '24 pixels'])).toEqual([
      { label: '24 pixels', amount: 2 },
    ]);
  });
});
