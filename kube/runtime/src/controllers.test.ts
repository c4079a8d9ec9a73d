import { startApiServer } from '@flux/apiserver';
import { clusterOver } from '@flux/client';
import { describeControllers } from './controllers.suite.ts';

describeControllers('controllers on the embedded API server', async () => {
  const { handle, stream, close, url } = await startApiServer({ workloads: false });
  return { cluster: clusterOver({ send: handle, stream, close: async () => {} }, url), close };
});
