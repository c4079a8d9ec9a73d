import { storageKey } from '../storage/bucket.ts';
import { list } from '../strategies/fields.ts';
import type { ControllerContext } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';

/** The address of the simulated node stands for that of every load balancer, as on clusters of one machine. */
const address = '10.0.0.1';

/** Gives Services of type LoadBalancer an address, for which Helm waits; classes of their own are left to others. */
export function startLoadBalancers({ api, log, writer }: ControllerContext): Loop {
  const services = api.resource('', 'services');
  const loop = new Loop('load balancers', log, (key) => {
    const service = services.bucket.get(storageKey(...splitKey(key)));
    if (!service || service.metadata.deletionTimestamp || service['spec'].loadBalancerClass) return;
    const wanted = service['spec'].type === 'LoadBalancer';
    const has = list(service['status']?.loadBalancer?.ingress).length > 0;
    if (wanted === has) return;
    const loadBalancer = wanted ? { ingress: [{ ip: address, ipMode: 'VIP' }] } : {};
    writer.update(
      services,
      service,
      (object) => {
        object['status'] = { ...object['status'], loadBalancer };
      },
      'status',
    );
  });
  loop.watch(services.bucket, ({ type, object }) => (type === 'DELETED' ? [] : [objectKey(object)]));
  return loop;
}
