import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A base of Deployments with their Services and ConfigMaps, one file each, and an overlay over it. */
export async function writeOverlay(path: string, size: number): Promise<void> {
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
