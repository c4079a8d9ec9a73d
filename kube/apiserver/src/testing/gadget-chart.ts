/** A chart with what charts do to a server: a definition and an object of it, a hook, a test, workloads to wait for. */
export const gadgetChart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
  'values.yaml': 'replicas: 2\nnode: {}\n',
  'crds/gadget.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: gadgets, kind: Gadget }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
`,
  'templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: c, image: "nginx:1" }]
      {{- with .Values.node }}
      nodeSelector: {{ toYaml . | nindent 8 }}
      {{- end }}
---
apiVersion: v1
kind: Service
metadata: { name: {{ .Release.Name }} }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: example.com/v1
kind: Gadget
metadata: { name: {{ .Release.Name }} }
spec: { revision: {{ .Release.Revision }} }
`,
  'templates/migrate.yaml': `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations: { helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: "hook-succeeded" }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: "migrate:1" }] } } }
`,
  'templates/tests/answers.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-answers
  annotations: { helm.sh/hook: test, helm.sh/hook-delete-policy: "hook-succeeded" }
spec: { restartPolicy: Never, containers: [{ name: c, image: "test:1" }] }
`,
};
