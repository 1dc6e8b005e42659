// The templates are files of the projects to come; their imports are declared there.
module.exports = require('../../.eslintrc.base.js')(__dirname, {
  ignorePatterns: ['templates/**'],
});
