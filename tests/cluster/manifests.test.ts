/* The manifests that people apply: complete, and every right with its reason. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';

const argo = path.resolve(import.meta.dirname, '../../argo');
const read = (file: string) => fs.readFileSync(path.join(argo, file), 'utf8');

describe('the manifests of argo/', () => {
  for (const folder of ['base', 'shared'])
    it(`${folder}: the kustomization names every file, and no other`, () => {
      const { resources } = parse(read(`${folder}/kustomization.yaml`));
      assert.deepEqual(
        [...resources].sort(),
        fs
          .readdirSync(path.join(argo, folder))
          .filter(file => file !== 'kustomization.yaml')
          .sort(),
      );
    });

  it('give the reason of every verb beside it', () => {
    const verbs = read('base/rbac.yaml')
      .split('\n')
      .filter(line => /^ {6}- [a-z]+\b/.test(line));
    assert.ok(verbs.length > 20, `${verbs.length} verbs`);
    for (const line of verbs) assert.match(line, /# \w+/);
  });

  it('have the token that the executor of each pod looks for, by the name that Argo gives it', () => {
    const objects = parseAllDocuments(read('base/service-accounts.yaml')).map(
      document => document.toJS(),
    );
    const secret = objects.find(
      ({ metadata }) => metadata.name === 'mlops-step.service-account-token',
    );
    assert.equal(secret.type, 'kubernetes.io/service-account-token');
    assert.equal(
      secret.metadata.annotations['kubernetes.io/service-account.name'],
      'mlops-step',
    );
  });

  it('have no right on the whole cluster', () => {
    assert.doesNotMatch(read('base/rbac.yaml'), /kind: Cluster(Role|Binding)/);
  });
});
