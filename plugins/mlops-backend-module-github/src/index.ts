/**
 * Pull requests of machine-learning projects on GitHub.
 *
 * @packageDocumentation
 */
export { mlopsGithubModule as default } from './module';
