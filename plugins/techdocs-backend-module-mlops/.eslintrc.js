module.exports = require('../../.eslintrc.base.js')(__dirname);
