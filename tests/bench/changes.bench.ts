/* How long it takes to propose a change, and from the merge until the portal reads it; a real portal over HTTP. */
import { startTestPortal, waitFor } from '../support/portal.ts';
import { goal, median, tell, timeOf } from './measure.ts';

const rounds = 10;
const portal = await startTestPortal();
try {
  const { body: projects } = await portal.call('GET', 'projects');
  const [project] = projects.items;
  // Who wrote a change does not merge it.
  const reviewer = await portal.as('rex');
  const opened: number[] = [];
  const merged: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let change: any;
    opened.push(
      await timeOf(async () => {
        const answer = await portal.call('POST', 'changes', {
          project: project.name,
          title: `Round ${round}`,
          edits: [
            {
              path: `ml-projects/${project.name}/docs/round.md`,
              content: `Round ${round}\n`,
            },
          ],
        });
        if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
        change = answer.body;
      }),
    );
    await waitFor(
      'the checks',
      async () => {
        const { body } = await portal.call('GET', `changes/${change.id}`);
        if (body.checksState === 'failed')
          throw new Error(body.blockedBy.join(' '));
        return body.mergeable;
      },
      300_000,
    );
    merged.push(
      await timeOf(async () => {
        const answer = await reviewer.call(
          'POST',
          `changes/${change.id}/merge`,
          {},
        );
        if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
        await waitFor(
          'the merged commit',
          async () =>
            answer.body.live ||
            (
              await portal.call('GET', `changes/${change.id}`)
            ).body.live,
          10_000,
        );
      }),
    );
  }
  for (const [what, values, limit] of [
    ['propose a change until it is open', opened, 100],
    ['merge it until the portal reads it', merged, 300],
  ] as const)
    tell(
      what,
      `${median(values).toFixed(0)} ms`,
      goal(median(values), limit, 'ms'),
    );
} finally {
  await portal.stop();
}
