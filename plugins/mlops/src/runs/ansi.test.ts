import { parseAnsi, plain } from './ansi';

describe('parseAnsi', () => {
  it('gives a line without codes as one part', () => {
    expect(parseAnsi('epoch 1')).toEqual([{ text: 'epoch 1' }]);
  });

  it('colours what stands between a colour and its reset', () => {
    const parts = parseAnsi('a \u001b[31mred\u001b[0m b');
    expect(parts.map(part => part.text)).toEqual(['a ', 'red', ' b']);
    expect(parts[1].colour).toMatch(/^#/);
    expect(parts[2].colour).toBeUndefined();
  });

  it('gives a bright colour the tone of its plain one', () => {
    const [bright] = parseAnsi('\u001b[92mgreen');
    const [usual] = parseAnsi('\u001b[32mgreen');
    expect(bright.colour).toBe(usual.colour);
  });

  it('keeps bold when only the colour ends', () => {
    expect(parseAnsi('\u001b[1;31mx\u001b[39my')[1]).toEqual({
      text: 'y',
      bold: true,
      colour: undefined,
    });
  });

  it('treats an empty code as a reset', () => {
    expect(parseAnsi('\u001b[1mx\u001b[my')[1]).toEqual({ text: 'y' });
  });

  it('drops codes that move the cursor and links of terminals', () => {
    const line =
      '\u001b[2K\u001b[1Gdone \u001b]8;;http://x.test\u0007here\u001b]8;;\u0007';
    expect(plain(line)).toBe('done here');
  });

  it('leaves what looks like HTML as text', () => {
    expect(parseAnsi('<b>x</b>')).toEqual([{ text: '<b>x</b>' }]);
  });
});
