/**
 * Runs one pipeline step as an isolated process that outlives its caller.
 *
 * @packageDocumentation
 */
export * from './types';
