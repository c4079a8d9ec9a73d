import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configMap, DirectClient } from '../testing/direct-client.ts';

const group = '/apis/admissionregistration.k8s.io/v1';
const maps = '/api/v1/namespaces/default/configmaps';

describe('ValidatingAdmissionPolicy', () => {
  let client: DirectClient;
  beforeAll(async () => {
    client = await DirectClient.start({ controllers: false });
  });
  afterAll(() => client.close());

  const create = (kind: string, name: string, spec: object) =>
    client.send(
      'POST',
      `${group}/${kind === 'Policy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings'}`,
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `ValidatingAdmission${kind}`,
        metadata: { name },
        spec,
      },
    );
  const policy = async (name: string, spec: object, binding: object = {}) => {
    const resourceRules = [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['configmaps'] },
    ];
    const objectSelector = { matchLabels: { policy: name } };
    const created = await create('Policy', name, { matchConstraints: { resourceRules, objectSelector }, ...spec });
    expect(created.body).toMatchObject({ kind: 'ValidatingAdmissionPolicy' });
    const bound = { policyName: name, validationActions: ['Deny'], ...binding };
    expect((await create('PolicyBinding', name, bound)).status).toBe(201);
  };
  const labelled = (name: string, label: string, data: object = {}) => ({
    ...configMap(name),
    metadata: { name, labels: { policy: label } },
    data,
  });

  it('compares the object with the one before, and lets other objects through', async () => {
    const expression = 'oldObject == null || object == null || object.data.a == oldObject.data.a';
    await policy('frozen', { validations: [{ expression, message: 'a is frozen' }] });
    await client.create(maps, labelled('frozen', 'frozen', { a: '1' }));
    await client.create(maps, labelled('free', 'other', { a: '1' }));

    const denied = await client.send('PUT', `${maps}/frozen`, labelled('frozen', 'frozen', { a: '2' }));
    expect(denied.status).toBe(422);
    expect(denied.body.message).toBe(
      "configmaps \"frozen\" is forbidden: ValidatingAdmissionPolicy 'frozen' with binding 'frozen' denied request: a is frozen",
    );
    expect((await client.send('PUT', `${maps}/free`, labelled('free', 'other', { a: '2' }))).status).toBe(200);
    expect((await client.send('DELETE', `${maps}/frozen`)).status).toBe(200);
  });

  it('shows an expression that failed, and takes variables and parameters', async () => {
    await client.create(maps, { ...configMap('limits'), data: { max: '2' } });
    await policy(
      'sized',
      {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        variables: [{ name: 'max', expression: 'int(params.data.max)' }],
        validations: [{ expression: 'object == null || size(object.data) <= variables.max', reason: 'Forbidden' }],
      },
      { paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' } },
    );

    expect((await client.send('POST', maps, labelled('two', 'sized', { a: '', b: '' }))).status).toBe(201);
    const denied = await client.send('POST', maps, labelled('three', 'sized', { a: '', b: '', c: '' }));
    expect(denied.status).toBe(403);
    expect(denied.body.message).toContain('failed expression: object == null || size(object.data) <= variables.max');
  });

  it('warns instead of refusing, and ignores failures where the policy says so', async () => {
    await policy(
      'warns',
      {
        failurePolicy: 'Ignore',
        validations: [{ expression: 'object.nope.nope == 1' }, { expression: 'false', message: 'no' }],
      },
      { validationActions: ['Warn'] },
    );
    const { status, headers } = await client.send('POST', maps, labelled('w', 'warns'));

    expect(status).toBe(201);
    expect(String(headers['warning'])).toContain(
      "Validation failed for ValidatingAdmissionPolicy 'warns' with binding 'warns': no",
    );
  });

  it('is refused itself when an expression does not compile', async () => {
    const { status, body } = await create('Policy', 'broken', {
      validations: [{ expression: 'object.' }, { expression: 'nope' }],
    });

    expect(status).toBe(422);
    expect(body.message).toContain('spec.validations[1].expression: Invalid value: "nope": compilation failed');
  });

  it('ends what costs too much, one expression and all of a policy', async () => {
    const data = Object.fromEntries(Array.from({ length: 120 }, (_, index) => [`key-${index}`, 'x']));
    const loop = (inner: string) => `object.data.all(a, object.data.all(b, ${inner}))`;
    const nested = loop("object.data.all(c, a + b + c != ''))");
    await policy('loops', { validations: [{ expression: nested.slice(0, -1) }] });
    const one = await client.send('POST', maps, labelled('one', 'loops', data));
    expect(one.body.message).toContain('resulted in error: operation cancelled: actual cost limit exceeded');

    const validations = Array.from({ length: 110 }, () => ({ expression: loop("a + b != ''") }));
    await policy('manies', { validations });
    const all = await client.send('POST', maps, labelled('all', 'manies', data));
    expect(all.body.message).toContain(
      'validation failed due to running out of cost budget, no further validation rules will be run',
    );
  });
});
