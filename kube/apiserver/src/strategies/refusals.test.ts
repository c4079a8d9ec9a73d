import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

describe('objects that are refused', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
  });
  afterAll(() => client.close());

  const problems = async (path: string, object: object): Promise<string[]> => {
    const body = { metadata: { name: 'x' }, ...object };
    const answer = await client.send('POST', path, body, { query: { dryRun: 'All' } });
    const details = answer.body['details'] as { causes?: { field: string; message: string }[] } | undefined;
    return (details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`).sort();
  };

  it.each([
    [
      '/apis/storage.k8s.io/v1/csidrivers',
      { spec: { fsGroupPolicy: 'X' } },
      ['spec.fsGroupPolicy: Unsupported value: "X": supported values: "File", "None", "ReadWriteOnceWithFSType"'],
    ],
    ['/apis/node.k8s.io/v1/runtimeclasses', {}, ['handler: Required value']],
    [
      '/apis/networking.k8s.io/v1/ingressclasses',
      { spec: { controller: 'a.b/c', parameters: { kind: 'X', name: 'y', scope: 'Namespace' } } },
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    ['/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {}, ['addressType: Required value']],
    [
      '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
      { spec: {} },
      [
        'spec.policyName: Required value',
        'spec.validationActions: Required value: at least one validation action is required',
      ],
    ],
    [
      '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
      { spec: { defaultBackend: { service: { name: 's', port: { number: 70_000 } } } } },
      ['spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      '/api/v1/namespaces/default/resourcequotas',
      { spec: { hard: { 'requests.cpu': '1' }, scopes: ['BestEffort'] } },
      ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
    ],
    [
      '/apis/apiregistration.k8s.io/v1/apiservices',
      { metadata: { name: 'v1.x.io' }, spec: { group: 'x.io', version: 'v1', versionPriority: 5 } },
      ['spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000'],
    ],
  ])('%s with %j', async (path, object, expected) => {
    expect(await problems(path, object)).toEqual(expected);
  });

  it.each([
    ['61 * * * *', 'end of range (61) above maximum (59): 61'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['* * * foo *', 'failed to parse int from foo: strconv.Atoi: parsing "foo": invalid syntax'],
    ['@often', 'unrecognized descriptor: @often'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ])('a CronJob at %s', async (schedule, problem) => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
    const found = await problems('/apis/batch/v1/namespaces/default/cronjobs', {
      spec: { schedule, jobTemplate: { spec: { template } } },
    });
    expect(found).toEqual([`spec.schedule: Invalid value: ${JSON.stringify(schedule)}: ${problem}`]);
  });

  it('takes the schedules that cron knows', async () => {
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } };
    for (const schedule of ['*/5 0-6,12 1 JAN sun', '@hourly', '@every 1h30m', '0 0 ? * 1-5/2']) {
      const spec = { schedule, jobTemplate: { spec: { template } } };
      expect(await problems('/apis/batch/v1/namespaces/default/cronjobs', { spec })).toEqual([]);
    }
  });
});
