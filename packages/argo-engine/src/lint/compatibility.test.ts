import fs from 'node:fs';
import path from 'node:path';
import { compatibilityTable } from '../index';

const file = path.resolve(__dirname, '../../../../docs/argo-compatibility.md');
// Prettier pads tables; what they say is compared.
const plain = (text: string) =>
  text
    .replace(/\| *:?-+:? *(?=\|)/g, '|')
    .replace(/[ \t]+/g, ' ')
    .replace(/^\* /gm, '- ')
    .replace(/\n{2,}/g, '\n')
    .trim();

it('is what docs/argo-compatibility.md says', () => {
  expect(plain(fs.readFileSync(file, 'utf8'))).toContain(
    plain(compatibilityTable()),
  );
});
