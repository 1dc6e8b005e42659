/**
 * Contract suites of the ports: each inhabitant runs the one of its port in its own tests.
 *
 * @packageDocumentation
 */
export {
  pullRequestHostContract,
  pullRequestHostFiles,
  type PullRequestHostFixture,
} from './changes/pullRequestHostContract';
export type * from './changes/PullRequestHost';
