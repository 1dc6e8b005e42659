/* A new project: the form of the template is sent, somebody else merges the request, and both pipelines run green. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { signIn } from '../support/people.ts';
import {
  runEnd,
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal?.stop());

const answers = (name: string, task: string) => ({
  name,
  title: `Project ${name}`,
  owner: 'group:default/farm-data',
  task,
  decides: 'Which of two it is.',
  forWhom: 'Those who sort by hand.',
  whyMachineLearning: 'No rule is right often enough.',
  costOfWrongAnswer: 'One is sorted again.',
  baseline: 'The most frequent one.',
  data: 'A folder of the team.',
});

for (const [name, task] of [
  ['rows-of-two', 'tabular-classification'],
  ['pictures-of-two', 'image-classification'],
])
  it(`of ${task} comes by a pull request, and runs`, async () => {
    const jen = await signIn(portal.url, 'jen');
    const scaffolder = async (route: string, body?: object) => {
      const answer = await fetch(`${portal.url}/api/scaffolder/v2/${route}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${jen.token}`,
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
      });
      assert.ok(answer.ok, `${answer.status} ${await answer.clone().text()}`);
      return (await answer.json()) as any;
    };
    const { id: task_ } = await waitFor('the template', () =>
      scaffolder('tasks', {
        templateRef: 'template:default/ml-project',
        values: answers(name, task),
      }),
    );
    const done = await waitFor('the end of the form', async () => {
      const found = await scaffolder(`tasks/${task_}`);
      return ['completed', 'failed'].includes(found.status) && found;
    });
    assert.equal(done.status, 'completed');

    const { body: open } = await jen.call('GET', `changes?project=${name}`);
    assert.equal(open.items.length, 1);
    const { id, kind, author } = open.items[0];
    assert.deepEqual(
      { kind, author },
      { kind: 'project', author: 'user:default/jen' },
    );
    const checked = await waitFor(
      'the checks',
      async () => {
        const { body } = await jen.call('GET', `changes/${id}`);
        return ['passed', 'failed'].includes(body.checksState) && body;
      },
      120_000,
    );
    assert.equal(checked.checksState, 'passed', JSON.stringify(checked.checks));

    const rex = await signIn(portal.url, 'rex');
    await rex.call('POST', `changes/${id}/review`, { verdict: 'approved' });
    const merged = await rex.call('POST', `changes/${id}/merge`, {});
    assert.equal(merged.status, 200, JSON.stringify(merged.body));
    const begun = Date.now();
    const listed = await waitFor('the project in the list', async () => {
      const { body } = await jen.call('GET', 'projects');
      return body.items.find((item: any) => item.name === name);
    });
    assert.ok(Date.now() - begun < 5_000);
    assert.equal(listed.state, 'ok');

    for (const pipeline of ['hello', 'train']) {
      const run = await jen.call('POST', 'runs', { project: name, pipeline });
      assert.equal(run.status, 201, JSON.stringify(run.body));
      const end = await runEnd(portal, run.body.id);
      assert.equal(
        end.phase,
        'Succeeded',
        JSON.stringify(end.cause ?? end.message),
      );
    }
    const { body: model } = await jen.call('GET', `models/${name}/classifier`);
    assert.equal(model.versions.length, 1);
  });
