import type { PullRequestHost } from '@backstage-mlops/mlops-core';
import { HostChoice } from './HostChoice';

const context = { url: 'https://git.example.com/a/b', branch: 'main' };
const host = (name: string) => ({ name } as unknown as PullRequestHost);

describe('HostChoice', () => {
  it('is the portal itself when no module gives a host', async () => {
    const choice = new HostChoice();
    expect(choice.isLocal).toBe(true);
    const local = host('local');
    expect(await choice.create(context, () => local)).toBe(local);
  });

  it("asks the module's factory once the repository is known", async () => {
    const choice = new HostChoice();
    const asked: unknown[] = [];
    const other = host('other');
    choice.setHost(async given => {
      asked.push(given);
      return other;
    });
    expect(choice.isLocal).toBe(false);
    const create = choice.create(context, () => {
      throw new Error('the local host was made');
    });
    expect(await create).toBe(other);
    expect(asked).toEqual([context]);
  });

  it('refuses a second host', () => {
    const choice = new HostChoice();
    choice.setHost(() => host('first'));
    expect(() => choice.setHost(() => host('second'))).toThrow(
      'Two modules give a host of pull requests; the portal has one.',
    );
  });
});
