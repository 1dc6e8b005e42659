/**
 * The Argo Workflows language as pure TypeScript.
 *
 * @packageDocumentation
 */
export * from './types';
