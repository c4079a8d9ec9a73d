import type { JsonObject, JsonValue } from '@flux/apimachinery';

/** A patch target of the Flux API; all fields are optional. */
export interface FluxSelector {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

/** The fields of a Flux Kustomization's spec that change what is built (KUS-GEN-05). */
export interface FluxKustomizationSpec {
  readonly targetNamespace?: string;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly patches?: readonly { readonly patch: string; readonly target?: FluxSelector }[];
  readonly images?: readonly FluxImage[];
  readonly components?: readonly string[];
  readonly ignoreMissingComponents?: boolean;
  /** v1beta2: inline objects (KUS-API-12). */
  readonly patchesStrategicMerge?: readonly JsonObject[];
  /** v1beta2: operations and a required target. */
  readonly patchesJson6902?: readonly { readonly patch: readonly JsonValue[]; readonly target: FluxSelector }[];
  readonly buildMetadata?: readonly string[];
}

export interface FluxImage {
  readonly name: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly digest?: string;
}
