import type { Strategy } from '../resource.ts';

export const customResourceDefinition: Strategy = { generation: 'spec' };
