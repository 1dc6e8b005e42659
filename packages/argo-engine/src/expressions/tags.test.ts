import { expressionsIn, replaceTags, replaceTagsIn, tagsIn } from './tags';

describe('tags', () => {
  it('replaces what is known, wherever it stands, and leaves the rest as it is written', () => {
    const scope = { a: '1', b: '2' };
    expect(replaceTags('{{a}}{{b}}', scope)).toBe('12');
    expect(replaceTags('x{{ a }}y{{b}}z', scope)).toBe('x1y2z');
    expect(replaceTags('{{a}} {{c}} {{b', scope)).toBe('1 {{c}} {{b');
    expect(replaceTags('{{}}{{a}}', scope)).toBe('{{}}1');
    expect(
      replaceTagsIn({ k: ['{{a}}', 3, null], '{{a}}': true }, scope),
    ).toEqual({ k: ['1', 3, null], '{{a}}': true });
  });

  it.each([
    'lastRetry.exitCode',
    'lastRetry.status',
    'lastRetry.duration',
    'lastRetry.message',
    'workflow.status',
    'workflow.failures',
  ])('keeps an expression with %s for when it is known', name => {
    const scope = { 'lastRetry.x': '', 'workflow.x': '' };
    const about = (word: string) => `{{=${word} == nil ? 'none' : 'some'}}`;
    expect(replaceTags(about(name), scope)).toBe(about(name));
    expect(replaceTags(about(name), { ...scope, [name]: '' })).toBe('some');
    expect(replaceTags(about('workflow.other'), scope)).toBe('none');
    expect(replaceTags(`{{=${name} ?? 'none'}}`, scope)).toBe('none');
  });

  it('finds the names and the expressions in all texts of a value', () => {
    const value = {
      a: 'x {{ one }} {{=two + 1}}',
      list: ['{{three}}', { deep: '{{one}}' }, 7, null],
      n: undefined,
    };
    expect(tagsIn(value)).toEqual(['one', 'three']);
    expect(expressionsIn(value)).toEqual(['two + 1']);
    expect(expressionsIn(['{{=a}}', { b: '{{=c}} {{d}}' }, null])).toEqual([
      'a',
      'c',
    ]);
    expect(tagsIn(null)).toEqual([]);
  });

  it('tells of what is not known and of what is known and absent', () => {
    const told: string[] = [];
    const options = {
      onUnknown: (name: string) => told.push(`unknown ${name}`),
      onAbsent: (tag: string) => told.push(`absent ${tag}`),
    };
    const scope = { 'tasks.a.x': null, b: '2' };
    replaceTags('{{b}} {{c}} {{tasks.a.x}} {{=tasks.a.x}}', scope, options);
    expect(told).toEqual(['unknown c', 'absent {{tasks.a.x}}']);
    expect(() =>
      replaceTags('{{=tasks.a.x}}', scope, { onMissing: () => {} }),
    ).toThrow('failed to evaluate expression "tasks.a.x"');
    told.length = 0;
    replaceTags("{{=tasks.a.x ?? 'd'}}", scope, options);
    expect(told).toEqual([]);
    const missed: string[][] = [];
    replaceTags('{{=b + steps.late.status}} {{=b}}', scope, {
      onMissing: names => missed.push(names),
    });
    expect(missed).toEqual([expect.arrayContaining(['steps.late.status'])]);
  });

  it('tells of text that is no expression at all, and names what is missing from its first word on', () => {
    expect(() => replaceTags('{{=1 +}}', {})).toThrow(
      /^failed to evaluate expression: unexpected token EOF/,
    );
    const missed: string[][] = [];
    const onMissing = (names: string[]) => missed.push(names);
    replaceTags('{{=steps.a.status}}', { 'steps.b.id': '1' }, { onMissing });
    expect(missed).toEqual([['steps.a', 'steps.a.status']]);
    expect(() => replaceTags('{{=1/0}}', {}, { onMissing })).toThrow(
      'failed to marshal evaluated expression: json: unsupported value: +Inf',
    );
  });

  it('leaves an expression of what will be known later, although it has a value without it', () => {
    const scope = { 'workflow.name': 'wf' };
    const later = '{{=[workflow.failures]}}';
    expect(replaceTags(later, scope)).toBe(later);
    expect(replaceTags('{{=[workflow.other]}}', scope)).toBe('[null]');
  });

  it('leaves an expression that fails as it is written, unless all that it names was to be there', () => {
    const scope = { b: 'two' };
    const wrong = '{{=int(b)}}';
    const late = '{{=int(steps.late.result)}}';
    expect(replaceTags(`${wrong} ${late}`, scope)).toBe(`${wrong} ${late}`);
    const onMissing = () => {};
    expect(() => replaceTags(wrong, scope, { onMissing })).toThrow(/two/);
    expect(replaceTags(late, scope, { onMissing })).toBe(late);
  });
});
