import { findSecrets } from './findSecrets';

const found = (text: string, file = 'p/x.yaml') =>
  findSecrets(text, file).map(
    ({ line, column, severity }) => `${line}:${column} ${severity}`,
  );

// Put together here, so that nothing in this file looks like one.
const of = (...parts: string[]) => parts.join('');

describe('secrets in plain text', () => {
  it.each([
    [`a: ${of('AKIA', 'ABCDEFGHIJKLMNOP')}`, '1:4 error'],
    [`a: ${of('ghp_', 'a1B2'.repeat(9))}`, '1:4 error'],
    [`a: ${of('github_pat_', '11ABCDEFG0abcdefghijklmn')}`, '1:4 error'],
    [of('x\n-----BEGIN RSA ', 'PRIVATE KEY-----\n'), '2:1 error'],
    [of('-----BEGIN ', 'PRIVATE KEY-----'), '1:1 error'],
    ['db:\n  password: hunter22', '2:3 error'],
    ["  DB_PASSWORD: 'hunter22'", '1:3 error'],
    ['args: [--password=hunter22]', '1:8 error'],
    ['- name: API_TOKEN\n  value: abcd1234', '1:3 error'],
    ['- { name: db-password, value: "hunter22" }', '1:5 error'],
    [`url: https://jen:${of('hunter', '22')}@host.example/x`, '1:6 error'],
    [`key: ${of('q8Zt3LmX0vB7nK2p', 'R5sW9yC4dF6gH1jA')}`, '1:6 warning'],
  ])('are found: %j', (text, place) => {
    expect(found(text)).toEqual([place]);
  });

  it('are found as texts of a program, where names are none', () => {
    expect(found("const password = 'hunter22';", 'p/a.ts')).toEqual([
      '1:7 error',
    ]);
    expect(
      found(
        'const password = readPassword();\nconst token: Token = other;',
        'p/a.ts',
      ),
    ).toEqual([]);
  });

  it.each([
    `digest: sha256:${'0a1b'.repeat(16)}`,
    `commit: ${'0a1b2'.repeat(8)}`,
    "password: '{{workflow.parameters.password}}'",
    'token: ${TOKEN}',
    'password: $PASSWORD',
    'password: <your password>',
    'password: changeme',
    'password:\n  from: vault',
    'secret: { name: x }',
    'max_tokens: 4096',
    'tokenizer: wordpiece',
    'secretName: my-credentials-of-the-team',
    'whyMachineLearning: No rule knows the password: only people do.',
    'integrity: sha512-Zx8A1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3zA4bC5dE6fG7hI8jK9lM0nO1p==',
    'id: 123e4567-e89b-12d3-a456-426614174000',
    'path: /srv/project/Some/Long/Path/With/UPPER/And/Numbers123/of/Files456',
    'name: aVeryLongNameOfAFunctionThatDoesManyThings',
    'see https://host.example:8080/a@b',
  ])('are not seen in %j', text => {
    expect(found(text)).toEqual([]);
  });

  it('are no examples, and no headings are merge marks', () => {
    expect(found('AKIAIOSFODNN7EXAMPLE', 'README.md')).toEqual([]);
    expect(found('Title\n=======\n\n<<< a\n', 'README.md')).toEqual([]);
  });

  it('are looked for in time that grows with the text', () => {
    const started = performance.now();
    findSecrets('password_'.repeat(60_000), 'x.yaml');
    findSecrets('a1B2'.repeat(120_000), 'x.yaml');
    findSecrets(`${'x:'.repeat(100_000)}@`, 'x.yaml');
    findSecrets('eyJ'.repeat(100_000), 'x.yaml');
    findSecrets(`a://${'b'.repeat(200_000)}`, 'x.yaml');
    for (const text of ['-', 'a-', 'aa+', 'xoxb-', 'eyJaaaaaaaaaa.'])
      findSecrets(text.repeat(250_000 / text.length), 'x.yaml');
    findSecrets('eyJaaaaaaaaaa-'.repeat(18_000), 'x.yaml');
    findSecrets(`name: token${'\n'.repeat(250_000)}`, 'x.yaml');
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
