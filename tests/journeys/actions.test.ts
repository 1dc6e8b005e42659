/* What assistants, templates and the command line do: the portal's actions, called as tools over the Model Context Protocol. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Clone } from '../support/gitops.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

const pipeline = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: ask }
spec:
  entrypoint: main
  arguments: { parameters: [{ name: good, value: 'no' }] }
  templates:
    - name: main
      steps:
        - - { name: look, template: look }
        - - { name: decide, template: decide }
        - - { name: check, template: check, arguments: { parameters: [{ name: said, value: '{{steps.decide.outputs.parameters.said}}' }] } }
    - name: decide
      suspend: {}
      inputs: { parameters: [{ name: said, value: 'no', enum: ['yes', 'no'] }] }
      outputs: { parameters: [{ name: said, valueFrom: { supplied: {} } }] }
    - name: look
      container: { image: 'mlops-steps:22', command: [sh, -c], args: ['echo looking'] }
    - name: check
      inputs: { parameters: [{ name: said }] }
      container: { image: 'mlops-steps:22', command: [sh, -c], args: ['[ {{inputs.parameters.said}}{{workflow.parameters.good}} = yesyes ]'] }
`;

let portal: TestPortal;

before(async () => {
  portal = await startTestPortal();
  const clone = new Clone(portal.data);
  clone.write('ml-projects/penguins/pipelines/ask.yaml', pipeline);
  clone.push('A pipeline that asks');
  clone.remove();
  await waitFor('the pushed pipeline', async () => {
    const { status } = await portal.call('GET', 'pipelines/penguins/ask');
    return status === 200;
  });
});
after(() => portal?.stop());

let asked = 0;
async function rpc(method: string, params: object): Promise<any> {
  const answer = await portal.fetch('../mcp-actions/v1', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: (asked += 1), method, params }),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const data = text
    .split('\n')
    .filter(line => line.startsWith('data: '))
    .map(line => line.slice('data: '.length))
    .join('');
  return JSON.parse(data || text).result;
}
async function use(name: string, input: object): Promise<any> {
  const { content, isError } = await rpc('tools/call', {
    name: `mlops.${name}`,
    arguments: input,
  });
  const [{ text }] = content;
  assert.ok(!isError, text);
  return JSON.parse(text.replace(/^```json\n|\n```$/g, ''));
}
const phaseIs = (id: string, ...phases: string[]) =>
  waitFor(`${id} to be ${phases}`, async () => {
    const { phase } = await use('get-run', { id });
    return phases.includes(phase);
  });
const waits = (id: string) =>
  waitFor(`${id} to wait`, async () => {
    const { body } = await portal.call('GET', `runs/${id}`);
    return Object.values<any>(body.nodes).some(
      ({ type, phase }) => type === 'Suspend' && phase === 'Running',
    );
  });

describe('the actions of the portal', () => {
  let id: string;

  it('are told with what they need and whether they change anything', async () => {
    const { tools } = await rpc('tools/list', {});
    const ours = tools.filter(({ name }: any) => name.startsWith('mlops.'));
    assert.deepEqual(ours.map(({ name }: any) => name.slice(6)).sort(), [
      'check-change',
      'close-change',
      'comment-on-change',
      'get-change',
      'get-run',
      'get-sync',
      'list-activity',
      'list-aliases',
      'list-changes',
      'list-projects',
      'plan-retry',
      'preview-change',
      'propose-change',
      'propose-promotion',
      'propose-revert',
      'rebase-change',
      'resubmit-run',
      'resume-run',
      'retry-run',
      'review-change',
      'run-pipeline',
      'stop-run',
      'suspend-run',
      'terminate-run',
      'update-change',
    ]);
    for (const { name, description, annotations } of ours) {
      assert.ok(description.length > 20, name);
      const reads = /\.(get|list|plan|preview)-/.test(name);
      assert.equal(annotations.readOnlyHint, reads, name);
    }
  });

  it('run a pipeline, answer a step that waits, see why it failed', async () => {
    ({ id } = await use('run-pipeline', {
      project: 'penguins',
      pipeline: 'ask',
    }));
    await waits(id);
    await use('resume-run', { id, parameters: { said: 'yes' } });
    await phaseIs(id, 'Failed');
    assert.match((await use('get-run', { id })).cause, /^check: /);
  });

  it('retry it with another value, after a look at what that means', async () => {
    const plan = await use('plan-retry', { id });
    const names = (steps: any[]) => steps.map(step => step.displayName);
    assert.deepEqual(names(plan.again), ['check']);
    assert.ok(names(plan.kept).includes('look'));
    await use('retry-run', { id, parameters: { good: 'yes' } });
    await phaseIs(id, 'Succeeded');
  });

  it('run one step of it alone, run it again, suspend and end it', async () => {
    const { body } = await portal.call('GET', `runs/${id}`);
    const look = Object.values<any>(body.nodes).find(
      node => node.displayName === 'look',
    );
    const alone = await use('run-pipeline', {
      project: 'penguins',
      pipeline: 'ask',
      entrypoint: 'look',
      reuse: { run: id, nodes: [look.id] },
    });
    await phaseIs(alone.id, 'Succeeded');
    const again = await use('resubmit-run', { id });
    await waits(again.id);
    await use('suspend-run', { id: again.id });
    await use('terminate-run', { id: again.id });
    await phaseIs(again.id, 'Failed');
  });

  it('propose, change, check, rebase and close a request, and propose to take a commit back', async () => {
    const file = 'ml-projects/penguins/docs/notes.md';
    const { id: change } = await use('propose-change', {
      project: 'penguins',
      title: 'Notes',
      edits: [{ path: file, content: 'one\n' }],
    });
    const updated = await use('update-change', {
      id: change,
      title: 'Better notes',
      edits: [{ path: file, content: 'two\n' }],
    });
    assert.equal(updated.state, 'open');
    assert.equal(
      (await use('rebase-change', { id: change })).head,
      updated.head,
    );
    const checked = await use('check-change', {
      id: change,
      name: 'files valid',
    });
    assert.equal(checked.id, change);
    const seen = await use('get-change', { id: change });
    assert.equal(seen.title, 'Better notes');
    assert.match(seen.files[0].diff, /\+two/);
    assert.equal((await use('close-change', { id: change })).state, 'closed');
    const { items } = await use('list-activity', { project: 'penguins' });
    const { commit } = items.find(
      ({ title }: any) => title === 'A pipeline that asks',
    );
    const revert = await use('propose-revert', { project: 'penguins', commit });
    assert.equal(revert.title, 'Revert "A pipeline that asks"');
    await use('close-change', { id: revert.change });
    const aliases = await use('list-aliases', {
      project: 'penguins',
      model: 'species',
      at: '2026-05-03',
    });
    assert.deepEqual(aliases.items, []);
  });
});
