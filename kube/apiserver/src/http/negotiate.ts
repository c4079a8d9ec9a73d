import { failure } from '../status.ts';
import type { MediaType } from './messages.ts';

/** The form in which a client wants objects. */
export interface Negotiated {
  mediaType: MediaType;
  as: '' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  version: string;
}

interface Clause {
  type: string;
  parameters: Map<string, string>;
}

const served = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const watched = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';
const transforms = new Set(['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList']);

/** Chooses from the Accept header the first form that this server can write. */
export function negotiate(accept: string | undefined): Negotiated {
  const clauses = parseAccept(accept ?? '');
  if (clauses.length === 0) return { mediaType: 'application/json', as: '', version: '' };
  let sawKnownType = false;
  for (const { type, parameters } of clauses) {
    const mediaType = mediaTypeOf(type);
    if (!mediaType) continue;
    sawKnownType = true;
    const as = parameters.get('as') ?? '';
    if (as === '') return { mediaType, as: '', version: '' };
    const version = parameters.get('v') ?? '';
    const group = parameters.get('g') ?? '';
    if (transforms.has(as) && group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')) {
      return { mediaType, as: as as Negotiated['as'], version };
    }
  }
  if (sawKnownType) {
    throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${served}`);
  }
  throw failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${served}, ${watched}`, {});
}

/** The same for documents of discovery, which have one form each; `/api` and `/apis` choose among several themselves. */
export function negotiateDocument(accept: string | undefined, choosesItself: boolean): MediaType {
  const clauses = parseAccept(accept ?? '');
  if (clauses.length === 0) return 'application/json';
  const known = clauses.filter(({ type }) => mediaTypeOf(type) || (choosesItself && type === 'application/*'));
  const chosen = known.find(({ parameters }) => !parameters.has('as'));
  if (chosen) return mediaTypeOf(chosen.type) ?? 'application/json';
  if (choosesItself || known.length > 0) {
    throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${served}`);
  }
  throw failure(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${served}`, {});
}

/** The same for a watch, which is a stream of JSON only. */
export function negotiateWatch(accept: string | undefined): Negotiated {
  const negotiated = negotiate(accept);
  if (negotiated.mediaType === 'application/json') return negotiated;
  throw failure(406, 'NotAcceptable', `only the following media types are accepted: ${watched}`);
}

function mediaTypeOf(type: string): MediaType | undefined {
  if (type === 'application/json' || type === '*/*') return 'application/json';
  return type === 'application/yaml' ? 'application/yaml' : undefined;
}

function parseAccept(header: string): Clause[] {
  const clauses = header
    .split(',')
    .map((text) => {
      const [type = '', ...rest] = text.split(';').map((part) => part.trim());
      const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]));
      return { type: type.toLowerCase(), parameters, quality: Number(parameters.get('q') ?? 1) };
    })
    .filter(({ type, quality }) => type !== '' && quality > 0);
  return clauses.sort((a, b) => b.quality - a.quality);
}

/** Does the client ask for aggregated discovery, and in which version that this server speaks? */
export function wantsAggregatedDiscovery(accept: string | undefined): boolean {
  for (const { type, parameters } of parseAccept(accept ?? '')) {
    if (mediaTypeOf(type) !== 'application/json') continue;
    if (parameters.get('as') === undefined) return false;
    const isDiscovery =
      parameters.get('g') === 'apidiscovery.k8s.io' && parameters.get('as') === 'APIGroupDiscoveryList';
    if (isDiscovery && parameters.get('v') === 'v2') return true;
  }
  return false;
}
