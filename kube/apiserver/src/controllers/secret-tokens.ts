import type { KubeObject } from '@flux/apimachinery';
import { accountNameAnnotation, accountUidAnnotation, secretTokenType } from '../auth/secret-tokens.ts';
import { storageKey } from '../storage/bucket.ts';
import type { ControllerContext } from './context.ts';
import { Loop } from './loop.ts';
import { objectKey, splitKey } from './object-key.ts';

/** Fills the Secrets that ask for a token of a ServiceAccount, and removes them with the account. */
export function startSecretTokens(
  { api, log, writer, caPem }: ControllerContext,
  issue: (account: KubeObject, secret: KubeObject) => string,
): Loop {
  const secrets = api.resource('', 'secrets');
  const loop = new Loop('tokens of secrets', log, (key) => {
    const secret = secrets.bucket.get(storageKey(...splitKey(key)));
    if (secret?.['type'] !== secretTokenType || secret.metadata.deletionTimestamp) return;
    const { namespace, annotations = {} } = secret.metadata;
    const account = api.find('', 'serviceaccounts', namespace, annotations[accountNameAnnotation] ?? '');
    const uid = annotations[accountUidAnnotation];
    if (!account || (uid && uid !== account.metadata.uid)) {
      writer.delete(secrets, secret);
      return;
    }
    if (uid && secret['data']?.token) return;
    writer.update(secrets, secret, (object) => {
      object.metadata.annotations = { ...annotations, [accountUidAnnotation]: account.metadata.uid! };
      const fresh = { 'ca.crt': caPem, namespace: namespace!, token: issue(account, secret) };
      const encoded = Object.entries(fresh).map(([name, text]) => [name, Buffer.from(text).toString('base64')]);
      object['data'] = { ...Object.fromEntries(encoded), ...object['data'] };
    });
  });
  loop.watch(secrets.bucket, ({ type, object }) =>
    type !== 'DELETED' && object['type'] === secretTokenType ? [objectKey(object)] : [],
  );
  loop.watch(api.resource('', 'serviceaccounts').bucket, ({ type, object }) =>
    type === 'DELETED'
      ? secrets.bucket
          .values(object.metadata.namespace)
          .filter((secret) => secret['type'] === secretTokenType)
          .map(objectKey)
      : [],
  );
  return loop;
}
