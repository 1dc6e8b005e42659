import { fileKind, isBinary, pretty, toFolder } from './fileKind';

describe('fileKind', () => {
  it.each([
    ['shot.PNG', 'picture'],
    ['rows.csv', 'table'],
    ['model.json', 'json'],
    ['train.log', 'text'],
    ['weights.bin', 'unknown'],
    ['drawing.svg', 'unknown'],
  ])('%s is %s', (name, kind) => {
    expect(fileKind(name)).toBe(kind);
  });
});

describe('toFolder', () => {
  it('knows a listing from a file that merely has entries', () => {
    const listing = '{"entries":[{"path":"a.txt","sizeBytes":1}]}';
    expect(toFolder(listing)).toEqual([{ path: 'a.txt', sizeBytes: 1 }]);
    expect(toFolder('{"entries":["a"]}')).toBeUndefined();
    expect(toFolder('entries')).toBeUndefined();
  });
});

it('knows bytes from text, and lays out JSON', () => {
  expect(isBinary('a\u0000b')).toBe(true);
  expect(isBinary('text')).toBe(false);
  expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(pretty('{broken')).toBe('{broken');
});
