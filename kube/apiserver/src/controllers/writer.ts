import type { KubeObject } from '@flux/apimachinery';
import type { Api } from '../registry/api.ts';
import { createObject } from '../registry/create.ts';
import { type DeleteOptions, deleteObject } from '../registry/delete.ts';
import type { Resource } from '../registry/resource.ts';
import { updateObject } from '../registry/update.ts';
import type { WriteRequest } from '../registry/write-request.ts';
import { storageKey } from '../storage/bucket.ts';
import { copyJson } from '../storage/freeze.ts';

/** How controllers write: through the same checks as clients, under their own field manager. */
export class Writer {
  readonly #api: Api;
  readonly #manager: string;

  constructor(api: Api, manager: string) {
    this.#api = api;
    this.#manager = manager;
  }

  create(resource: Resource, draft: Record<string, unknown>): KubeObject {
    const object = resource.decode(copyJson(draft), { strict: [] });
    return createObject(this.#request(resource, object.metadata.namespace, undefined), object);
  }

  /** Changes a copy of the live object; does nothing when it is gone. */
  update(
    resource: Resource,
    live: KubeObject,
    change: (object: KubeObject) => void,
    subresource = '',
  ): KubeObject | undefined {
    const { namespace, name } = live.metadata;
    if (!resource.bucket.get(storageKey(namespace, name))) return undefined;
    const produce = (current: KubeObject) => {
      const object = copyJson(current);
      change(object);
      return resource.decode(object, { strict: [] });
    };
    return updateObject(this.#request(resource, namespace, name, subresource), produce, { unconditional: true });
  }

  delete(resource: Resource, object: KubeObject, options: DeleteOptions = {}): void {
    const { namespace, name, uid } = object.metadata;
    const current = resource.bucket.get(storageKey(namespace, name));
    if (current?.metadata.uid !== uid) return;
    deleteObject(this.#request(resource, namespace, name), options);
  }

  #request(
    resource: Resource,
    namespace: string | undefined,
    name: string | undefined,
    subresource = '',
  ): WriteRequest {
    return {
      api: this.#api,
      resource,
      namespace,
      name,
      subresource,
      dryRun: false,
      fieldManager: this.#manager,
      fieldValidation: 'Ignore',
      user: { name: `system:${this.#manager}`, groups: ['system:masters'] },
      warn: () => undefined,
    };
  }
}
