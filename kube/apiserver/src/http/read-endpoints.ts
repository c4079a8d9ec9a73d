import type { KubeObject } from '@flux/apimachinery';
import { listObjects, parseRevision } from '../registry/list.ts';
import { parseListOptions } from '../registry/list-options.ts';
import { goTypeName, groupResourceOf } from '../registry/resource.ts';
import { Watch } from '../registry/watch.ts';
import { failure, internalError, notFound } from '../status.ts';
import { storageKey } from '../storage/bucket.ts';
import { type Call, formOf, respond } from './endpoint.ts';
import { type ApiResponse, objectResponse, type WatchStream } from './messages.ts';
import { negotiate, negotiateWatch } from './negotiate.ts';

const futureWaitMs = 3_000;

export async function getObject(call: Call): Promise<ApiResponse> {
  const { api, info, resource, request } = call;
  const version = request.query.get('resourceVersion')?.[0] ?? '';
  if (version !== '' && !/^\d{1,19}$/.test(version)) {
    const text = JSON.stringify(version);
    throw internalError(`resourceVersion: Invalid value: ${text}: strconv.ParseUint: parsing ${text}: invalid syntax`);
  }
  await reachRevision(call, version);
  await api.store.settled();
  const object = resource.bucket.get(storageKey(info.namespace, info.name!));
  if (!object) throw notFound(groupResourceOf(resource), info.name!);
  if (negotiate(request.headers['accept']).as === 'PartialObjectMetadataList') {
    throw wrongForm(
      `you requested PartialObjectMetadataList, but the requested object is not a list (*${goTypeName(resource, resource.kind)})`,
    );
  }
  return respond(call, 200, resource.fromStored(object));
}

export async function listOrWatch(call: Call): Promise<ApiResponse> {
  const { api, resource, info, request } = call;
  const options = parseListOptions(info.isWatch ? new Map([...request.query, ['watch', ['true']]]) : request.query);
  const negotiated = (options.watch ? negotiateWatch : negotiate)(request.headers['accept']);
  const form = formOf(call, negotiated);
  const where = { namespace: info.namespace, name: info.name };
  if (options.watch) {
    const watch = new Watch(api, resource, options, where);
    await api.store.settled();
    return { status: 200, headers: {}, body: { kind: 'watch', stream: watchStream(call, watch) } };
  }
  if (options.resourceVersion !== '') parseRevision(options.resourceVersion);
  await reachRevision(call, options.resourceVersion);
  await api.store.settled();
  if (negotiated.as === 'PartialObjectMetadata') {
    throw wrongForm(
      `you requested PartialObjectMetadata, but the requested object is a list (*${goTypeName(resource, resource.listKind)})`,
    );
  }
  const result = listObjects(api, resource, options, where);
  return objectResponse(200, form.list(result), negotiated.mediaType);
}

function wrongForm(message: string) {
  return failure(406, 'NotAcceptable', message);
}

/** Reading at a version from the future waits a little for it, then answers 504 (KUBE-WATCH-01). */
async function reachRevision({ api }: Call, version: string): Promise<void> {
  const wanted = Number(version || '0');
  if (wanted <= api.store.revision) return;
  await new Promise((resolve) => setTimeout(resolve, futureWaitMs));
  if (wanted <= api.store.revision) return;
  const message = `Timeout: Too large resource version: ${wanted}, current: ${api.store.revision}`;
  throw failure(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

function watchStream(call: Call, watch: Watch): WatchStream {
  const negotiated = negotiate(call.request.headers['accept']);
  const form = formOf(call, negotiated);
  const { group, plural } = call.resource;
  let isFirst = true;
  return {
    contentType: negotiated.mediaType,
    form: `${group}/${plural}:${form.id}`,
    start(consumer) {
      watch.start({
        send(type, object) {
          const first = isFirst;
          if (type === 'ERROR') return consumer.event(type, object, () => object);
          if (type === 'BOOKMARK') return consumer.event(type, object, () => form.bookmark(object));
          isFirst = false;
          // Only a table has a first event that differs; it is not shared with other watches.
          const source: KubeObject = first && negotiated.as === 'Table' ? { ...object } : object;
          consumer.event(type, source, () => form.event(object, first));
        },
        end: () => consumer.end(),
      });
    },
    stop: () => watch.stop(),
  };
}
