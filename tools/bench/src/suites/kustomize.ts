import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rootedFileSystem } from '@flux/fs';
import { build, resourcesToYaml } from '@flux/kustomize';
import { median } from '../measure.ts';
import type { Row } from '../row.ts';

const sizes = [1, 50, 500, 2000];
const coldScript = resolve(import.meta.dirname, '..', 'kustomize-once.ts');
const peerPath = join(homedir(), '.cache', 'flux-ts', 'bin', 'kustomize-v5.8.2');

/** Time per build of an everyday overlay (prefix, namespace, labels, images, a patch), warm, cold, and by kustomize. */
export async function run(progress: (message: string) => void): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'flux-bench-kustomize-'));
  const rows: Row[] = [];
  try {
    for (const size of sizes) {
      progress(`${size} resources`);
      const path = join(folder, String(size));
      await writeOverlay(path, size);
      const overlay = join(path, 'overlay');
      const peer = existsSync(peerPath) ? await timeProcess(peerPath, ['build', overlay], size) : undefined;
      const compared = peer === undefined ? {} : { peer: { name: 'kustomize', value: peer } };
      rows.push({
        name: `build, ${size} resources`,
        value: await timeWarm(overlay, path, size),
        unit: 'ms',
        ...compared,
      });
    }
    rows.push(await coldRow(join(folder, '1', 'overlay')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return rows;
}

async function timeWarm(overlay: string, root: string, size: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < roundsFor(size) + 3; round++) {
    const start = performance.now();
    resourcesToYaml(await build(rootedFileSystem(root), overlay));
    if (round >= 3) times.push(performance.now() - start);
  }
  return median(times);
}

async function coldRow(overlay: string): Promise<Row> {
  const bare = await timeProcess(process.execPath, ['-e', '0'], 1);
  const cold = await timeProcess(process.execPath, [coldScript, overlay], 1);
  return { name: 'cold build, 1 resource', value: cold, unit: 'ms', peer: { name: 'bare node', value: bare } };
}

function roundsFor(size: number): number {
  return size >= 500 ? 5 : 15;
}

async function timeProcess(command: string, args: readonly string[], size: number): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < roundsFor(size) + 2; round++) {
    const start = performance.now();
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(command, args, { stdio: 'ignore' });
      child.on('error', reject);
      child.on('exit', (exit) => resolve(exit ?? 1));
    });
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} exited with ${code}`);
    if (round >= 2) times.push(performance.now() - start);
  }
  return median(times);
}

/** A base of Deployments with their Services and ConfigMaps, one file each, and an overlay over it. */
async function writeOverlay(path: string, size: number): Promise<void> {
  await mkdir(join(path, 'base'), { recursive: true });
  await mkdir(join(path, 'overlay'), { recursive: true });
  const files: string[] = [];
  for (let index = 0; index < size; index++) {
    const file = `r${index}.yaml`;
    files.push(file);
    await writeFile(join(path, 'base', file), manifest(index));
  }
  await writeFile(
    join(path, 'base', 'kustomization.yaml'),
    `resources:\n${files.map((file) => `- ${file}\n`).join('')}`,
  );
  await writeFile(join(path, 'overlay', 'kustomization.yaml'), overlayFile);
}

function manifest(index: number): string {
  const name = `app-${Math.floor(index / 3)}`;
  if (index % 3 === 1) {
    return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec:\n  selector:\n    app: ${name}\n  ports:\n  - port: 80\n    targetPort: http\n`;
  }
  if (index % 3 === 2) {
    return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  level: info\n  color: "#336699"\n`;
  }
  return deployment(name);
}

function deployment(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
      - name: main
        image: ghcr.io/example/app:1.0.0
        envFrom:
        - configMapRef:
            name: ${name}
        ports:
        - name: http
          containerPort: 8080
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
`;
}

const overlayFile = `resources:
- ../base
namespace: production
namePrefix: prod-
labels:
- pairs:
    env: production
  includeSelectors: true
images:
- name: ghcr.io/example/app
  newTag: 2.0.0
patches:
- target:
    kind: Deployment
  patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: any
    spec:
      template:
        spec:
          containers:
          - name: main
            resources:
              limits:
                memory: 128Mi
`;
