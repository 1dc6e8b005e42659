const factory = require('@backstage/cli/config/eslint-factory');

/** The rules of all rooms: Backstage's, with ours. A file reads from the public to the private, so functions may be used before they stand. */
module.exports = (folder, extra = {}) =>
  factory(folder, {
    ...extra,
    rules: {
      '@typescript-eslint/no-use-before-define': [
        'error',
        { functions: false, classes: false, variables: false, typedefs: false },
      ],
      'jest/expect-expect': [
        'warn',
        { assertFunctionNames: ['expect', 'assert.*', 'fc.assert'] },
      ],
      'no-nested-ternary': 'off',
      'jsx-a11y/no-noninteractive-tabindex': 'off',
      '@backstage/no-mixed-plugin-imports': 'error',
      ...extra.rules,
    },
  });
