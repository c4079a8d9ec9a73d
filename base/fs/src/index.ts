export type { ReadableFileSystem, WritableFileSystem } from './file-system.ts';
