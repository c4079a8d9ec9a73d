import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKubectl } from '@flux/kubernetes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from './index.ts';

interface Output {
  code: number;
  stdout: string;
  stderr: string;
}

const web = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: { app: web } }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: c, image: "nginx:1.25" }] }
`;

const conf = (value: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: conf }
data: { a: "${value}" }
`;

describe('kubectl', () => {
  let kubectl: string;
  let server: ApiServer;
  let folder: string;

  beforeAll(async () => {
    kubectl = await ensureKubectl();
    folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
    server = await startApiServer();
    await writeFile(join(folder, 'kubeconfig'), server.adminKubeconfig());
    await ok('create', 'namespace', 'demo');
    await ok('config', 'set-context', '--current', '--namespace=demo');
    await ok('wait', '--for=create', 'serviceaccount/default', '--timeout=60s');
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function run(args: string[], stdin = ''): Promise<Output> {
    return new Promise((resolve, reject) => {
      const env = {
        ...process.env,
        KUBECONFIG: join(folder, 'kubeconfig'),
        HOME: folder,
        KUBE_EDITOR: "sed -i 's/^kind:/# edited\\nkind:/; s/^  name: rare$/&\\n  labels: {edited: yes-it-is}/'",
        KUBECTL_APPLYSET: 'true',
      };
      const child = spawn(kubectl, args, { env, cwd: folder });
      const output = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ ...output, code: code ?? -1 }));
      child.stdin.end(stdin);
    });
  }

  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async function apply(text: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(['apply', '-f', '-', ...args], text);
    if (code !== 0) throw new Error(`kubectl apply ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  it('applies on the client: created, unchanged, configured', async () => {
    expect(await apply(conf('1'))).toBe('configmap/conf created');
    expect(await apply(conf('1'))).toBe('configmap/conf unchanged');
    expect(await apply(conf('2'))).toBe('configmap/conf configured');
  });

  it('applies on the server and explains a conflict', async () => {
    const text = conf('1').replace('conf', 'shared');
    expect(await apply(text, '--server-side', '--field-manager=one')).toBe('configmap/shared serverside-applied');
    const refused = await run(
      ['apply', '-f', '-', '--server-side', '--field-manager=two'],
      conf('2').replace('conf', 'shared'),
    );
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('Apply failed with 1 conflict: conflict with "one": .data.a');
  });

  it('shows a diff and says by its exit code whether there is one', async () => {
    await apply(conf('3'));
    const { code, stdout } = await run(['diff', '-f', '-'], conf('4'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/-\s+a: "3"\n\+\s+a: "4"/);
    expect((await run(['diff', '-f', '-'], conf('3'))).code).toBe(0);
  });

  it('rolls out, scales, restarts, waits and describes', async () => {
    await apply(web);
    expect(await ok('rollout', 'status', 'deploy/web', '--timeout=60s')).toContain('successfully rolled out');
    await ok('scale', 'deploy/web', '--replicas=1');
    await ok('wait', '--for=jsonpath={.status.replicas}=1', 'deploy/web', '--timeout=60s');
    await ok('set', 'image', 'deploy/web', 'c=nginx:2');
    await ok('rollout', 'status', 'deploy/web', '--timeout=60s');
    await ok('wait', '--for=condition=Available', 'deploy/web', '--timeout=60s');
    const description = await ok('describe', 'deploy', 'web');
    expect(description).toContain('1 desired | 1 updated | 1 total | 1 available | 0 unavailable');
    expect(description).toContain('ScalingReplicaSet');
    expect(await ok('rollout', 'history', 'deploy/web')).toContain('2         <none>');
    await ok('rollout', 'undo', 'deploy/web');
    await ok('rollout', 'status', 'deploy/web', '--timeout=60s');
    expect(await ok('get', 'deploy', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe(
      'nginx:1.25',
    );
  });

  it('prints tables, names and fields', async () => {
    await apply(conf('5'));
    expect(await ok('get', 'cm', 'conf', '-o', 'name')).toBe('configmap/conf\n');
    expect(await ok('get', 'cm', 'conf', '-o', 'jsonpath={.data.a}')).toBe('5');
    expect(await ok('get', 'cm', 'conf', '-o', 'custom-columns=N:.metadata.name,A:.data.a')).toBe(
      'N      A\nconf   5\n',
    );
    expect((await ok('get', 'cm', 'conf', '--show-labels')).split('\n')[0]).toMatch(/^NAME +DATA +AGE +LABELS$/);
    expect((await ok('get', 'nodes', '-o', 'wide')).split('\n')[0]).toMatch(/^NAME +STATUS +ROLES +AGE +VERSION +INT/);
    expect(JSON.parse(await ok('get', 'cm', 'conf', '-o', 'json'))).toMatchObject({ data: { a: '5' } });
    expect(await ok('get', 'cm', 'conf', '-o', 'yaml')).toContain('a: "5"');
  });

  it('labels, annotates and patches', async () => {
    await apply(conf('6'));
    await ok('label', 'cm', 'conf', 'x=y');
    await ok('annotate', 'cm', 'conf', 'k=v');
    await ok('patch', 'cm', 'conf', '--type=merge', '-p', '{"data":{"p":"1"}}');
    await ok('patch', 'cm', 'conf', '--type=json', '-p', '[{"op":"add","path":"/data/q","value":"2"}]');
    const format = '{.metadata.labels.x} {.metadata.annotations.k} {.data.p} {.data.q}';
    expect(await ok('get', 'cm', 'conf', '-o', `jsonpath=${format}`)).toBe('y v 1 2');
    expect(await ok('get', 'cm', '-l', 'x=y', '-o', 'name')).toBe('configmap/conf\n');
  });

  it('finds out what is served and explains it', async () => {
    expect(await ok('api-versions')).toContain('apps/v1\n');
    expect(await ok('api-resources', '--namespaced=false', '-o', 'name')).toContain('namespaces\n');
    expect(await ok('explain', 'deployment.spec.replicas')).toContain('FIELD: replicas <integer>');
    expect(await ok('explain', 'deployment.spec', '--output', 'plaintext-openapiv2')).toContain('replicas\t<integer>');
  });

  it('tells what a user may do', async () => {
    const nobody = await run(['auth', 'can-i', 'list', 'pods', '--as=nobody']);
    expect(nobody.stdout).toBe('no\n');
    await ok('create', 'rolebinding', 'viewers', '--clusterrole=view', '--user=nobody');
    expect((await run(['auth', 'can-i', 'list', 'pods', '--as=nobody'])).stdout).toBe('yes\n');
    expect(await ok('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.groups[0]}')).toBe('system:masters');
  });

  it('serves a custom resource as soon as its definition is established', async () => {
    await apply(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: toys.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: toys, kind: Toy, shortNames: [ty] }
  versions:
  - name: v1
    served: true
    storage: true
    schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer, description: How big. } } } } } }
    additionalPrinterColumns: [{ name: Size, type: integer, jsonPath: .spec.size }]
`);
    await ok('wait', '--for=condition=Established', 'crd/toys.example.com', '--timeout=60s');
    await apply('apiVersion: example.com/v1\nkind: Toy\nmetadata: { name: ball }\nspec: { size: 3 }\n');
    expect((await ok('get', 'ty', 'ball')).split('\n')).toEqual(['NAME   SIZE', 'ball   3', '']);
    expect(await ok('explain', 'toy.spec.size')).toContain('How big.');
    const refused = await run(
      ['apply', '-f', '-'],
      'apiVersion: example.com/v1\nkind: Toy\nmetadata: { name: b }\nspec: { size: x }\n',
    );
    expect(refused.stderr).toContain(
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    );
  });

  it.each([
    ['replace', 'configmap/rare replaced', ['replace', '-f', 'rare.yaml']],
    ['replace --force', 'configmap/rare replaced', ['replace', '--force', '-f', 'rare.yaml']],
    ['edit', 'configmap/rare edited', ['edit', 'configmap', 'rare']],
    ['expose', 'service/rare exposed', ['expose', 'deployment', 'rare', '--port=80']],
    ['autoscale', 'horizontalpodautoscaler.autoscaling/rare autoscaled', ['autoscale', 'deploy/rare', '--max=3']],
    ['set resources', 'resource requirements updated', ['set', 'resources', 'deploy/rare', '--limits=cpu=200m']],
    ['set env', 'env updated', ['set', 'env', 'deploy/rare', 'A=B']],
    ['rollout restart', 'deployment.apps/rare restarted', ['rollout', 'restart', 'deploy/rare']],
    ['create job', 'job.batch/rare created', ['create', 'job', 'rare', '--image=x']],
    ['wait for a job', 'condition met', ['wait', '--for=condition=Complete', 'job/rare', '--timeout=60s']],
    ['events', 'SuccessfulCreate', ['events']],
    ['create token', 'ey', ['create', 'token', 'default']],
    ['taint', 'node/n0 tainted', ['taint', 'node', 'n0', 'a=b:PreferNoSchedule']],
    ['run', 'pod/rare created', ['run', 'rare', '--image=x']],
    ['debug', '', ['debug', 'rare', '--image=busybox', '--container=side', '--profile=general']],
    [
      'applying a set',
      'configmap/rare',
      [
        'apply',
        '--namespace=demo',
        '--applyset=rare',
        '--prune',
        '-f',
        'rare.yaml',
        '--force-conflicts',
        '--server-side',
      ],
    ],
    ['deleting a selection', 'deleted', ['delete', 'pod,job', '--all', '--timeout=60s']],
  ])('knows %s', async (_name, said, args) => {
    await writeFile(join(folder, 'rare.yaml'), conf('7').replace('conf', 'rare'));
    await run(['create', 'deployment', 'rare', '--image=x']);
    await run(['create', 'configmap', 'rare']);
    const { code, stdout, stderr } = await run(args);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(said);
  });

  it('has no logs, and says so', async () => {
    await apply(web);
    await ok('rollout', 'status', 'deploy/web', '--timeout=60s');
    const { code, stderr } = await run(['logs', 'deploy/web']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/log/i);
  });

  it('says that a kind or an object is not there', async () => {
    expect((await run(['get', 'cm', 'nope'])).stderr).toBe(
      'Error from server (NotFound): configmaps "nope" not found\n',
    );
    const unknown = await run(['apply', '-f', '-'], 'apiVersion: x.io/v1\nkind: Nope\nmetadata: { name: a }\n');
    expect(unknown.stderr).toContain('no matches for kind "Nope" in version "x.io/v1"');
  });

  it('deletes and waits until everything is gone', async () => {
    await apply(web);
    await ok('delete', 'deploy', 'web', '--cascade=foreground', '--timeout=60s');
    expect(await ok('get', 'rs,pods', '-l', 'app=web', '-o', 'name')).toBe('');
    await ok('create', 'namespace', 'short');
    await ok('create', 'configmap', 'x', '-n', 'short');
    expect(await ok('delete', 'namespace', 'short', '--timeout=60s')).toBe('namespace "short" deleted\n');
  });

  it('shows and undoes the rollout of a StatefulSet, and what serves a Service', async () => {
    const set = web.replace('kind: Deployment', 'kind: StatefulSet').replaceAll('web', 'db');
    expect((await run(['apply', '-f', '-'], set)).code).toBe(0);
    await ok('rollout', 'status', 'sts/db', '--timeout=60s');
    await ok('set', 'image', 'sts/db', 'c=nginx:2');
    await ok('rollout', 'status', 'sts/db', '--timeout=60s');
    expect((await ok('rollout', 'history', 'sts/db')).match(/^\d+ /gm)).toEqual(['1 ', '2 ']);
    await ok('rollout', 'undo', 'sts/db');
    expect(await ok('get', 'sts', 'db', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')).toBe('nginx:1.25');
    await ok('rollout', 'status', 'sts/db', '--timeout=60s');
    await ok('create', 'service', 'clusterip', 'db', '--tcp=80:8080');
    await ok('wait', '--for=jsonpath={.subsets[0].addresses[1].ip}', 'endpoints/db', '--timeout=60s');
    expect(await ok('describe', 'service', 'db')).toMatch(/Endpoints: +[\d.]+:8080,[\d.]+:8080/);
    expect(await ok('describe', 'sts', 'db')).toContain('Create Pod db-0 in StatefulSet db successful');
    await ok('delete', 'sts,service', 'db', '--wait=false');
  });
});
