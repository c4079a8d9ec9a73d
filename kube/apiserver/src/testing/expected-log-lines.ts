/**
 * What the programs of Kubernetes log as errors against a real API server too, in the same situations. Everything else means
 * that the embedded server did something that they did not count on.
 */
const expected: readonly { pattern: RegExp; reason: string }[] = [
  { pattern: /The manifest file is empty, ignoring/, reason: 'said at every start since 1.36' },
  {
    pattern: /the object has been modified; please apply your changes/,
    reason: 'two writers met; the loser tries again',
  },
  {
    pattern: /read version: \d+ is not as new as written version/,
    reason: 'its informer is behind; it waits and goes on',
  },
  { pattern: /resource metrics API/, reason: 'there is no metrics server' },
  { pattern: /Status after running PostFilter plugins.*"not found"/, reason: 'the claim of a pod is not bound yet' },
  {
    pattern: /in namespace \S+ because it is being terminated/,
    reason: 'owners replace pods until they are deleted themselves',
  },
  {
    pattern: /Error finding provisioning plugin for claim/,
    reason: 'nobody provisions volumes; those made by hand are bound',
  },
  { pattern: /can't adopt ControllerRevisions/, reason: 'a StatefulSet that is deleted without what depends on it' },
  {
    pattern: /failed to delete pod \S+: pods .* not found/,
    reason: 'kwok deletes again when it sees its own deletion',
  },
  {
    pattern: /(?:Plugin Failed|Error scheduling pod; retrying|Error updating pod).*pods \\?"[\w-]+\\?" not found/,
    reason: 'a pod of a namespace that is emptied goes while the scheduler binds it',
  },
];

/** Lines that tell of an error, a panic or an exit and that nothing explains; klog's text and kwok's JSON. */
export function unexpectedLines(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => /^[EF]\d{4} |^panic:|^goroutine |"level":"(?:ERROR|WARN)"/.test(line))
    .filter((line) => !expected.some(({ pattern }) => pattern.test(line)));
}
