/**
 * Talks to a Kubernetes API server. Start with `cluster.ts`, the one interface that everything above uses.
 */
export type * from './cluster.ts';
