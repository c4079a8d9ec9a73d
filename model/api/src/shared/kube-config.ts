import { obj, required, str } from '../schema/schema.ts';
import { localRef } from './references.ts';

const onlyOne = 'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified';

export const kubeConfigSecretRef = obj("Secret with a kubeconfig under key, 'value' by default.", {
  name: required(str('Name of the Secret.')),
  key: str("Key in the Secret; 'value' by default."),
});

/** The remote cluster of the kinds that apply objects. */
export const kubeConfig = obj(
  'The remote cluster to apply to.',
  {
    secretRef: kubeConfigSecretRef,
    configMapRef: localRef(
      'ConfigMap naming provider, cluster, address, ca.crt, audiences and serviceAccountName of a remote cluster.',
    ),
  },
  {
    rules: [
      { message: onlyOne, rule: 'has(self.configMapRef) || has(self.secretRef)' },
      { message: onlyOne, rule: '!has(self.configMapRef) || !has(self.secretRef)' },
    ],
  },
);
