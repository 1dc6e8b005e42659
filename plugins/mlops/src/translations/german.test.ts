import { german } from './de';
import { flatten, type Texts } from './flatten';
import { everyText } from '../translation';

const english = flatten(everyText as Texts);
const translated = flatten(german);
const marksOf = (text: string) => (text.match(/{{\w+}}/g) ?? []).sort();

describe('the German texts', () => {
  it('leave none out, and know none that is gone', () => {
    expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
  });

  it('fill in the same values', () => {
    const other = Object.keys(english).filter(
      key =>
        String(marksOf(english[key])) !==
        String(marksOf(translated[key] ?? '')),
    );
    expect(other).toEqual([]);
  });
});
