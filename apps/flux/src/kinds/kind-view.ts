import type { Kind, ObjectOf } from '@flux/api';
import type { KubeObject } from '@flux/apimachinery';

/** What the command line shows of one kind; what is the same for all kinds is in the verbs. */
export interface KindView {
  readonly kind: Kind;
  /** Columns between NAME and READY. */
  readonly columns: readonly { readonly name: string; cell(object: KubeObject): string }[];
  /** What `reconcile` says when it is done. */
  success(object: KubeObject): string;
  /** The object that `reconcile --with-source` reconciles first. */
  sourceOf?(object: KubeObject): SourceReference;
  /** Objects whose events belong to it; its source where unset. */
  relatedTo?(object: KubeObject): readonly SourceReference[];
  /** What is shown of an object that no controller reconciles: it is ready as soon as it is there. */
  staticMessage?(object: KubeObject): string | undefined;
  /** Messages keep their digests (spec cli 6). */
  readonly keepsDigests?: boolean;
  /** Flags of `reconcile` that ask for more, with the annotation of each. */
  readonly requests?: Readonly<Record<string, { annotation: string; doc: string }>>;
}

export interface SourceReference {
  kind: string;
  namespace: string;
  name: string;
}

/** Types a view's functions by its kind; objects of older versions are read as the stored one. */
export function defineKindView<Spec, Status>(
  kind: Kind<Spec, Status>,
  view: {
    columns: Readonly<Record<string, (object: ObjectOf<Spec, Status>) => string>>;
    success(object: ObjectOf<Spec, Status>): string;
    sourceOf?(object: ObjectOf<Spec, Status>): SourceReference;
    relatedTo?(object: ObjectOf<Spec, Status>): readonly SourceReference[];
    staticMessage?(object: ObjectOf<Spec, Status>): string | undefined;
    keepsDigests?: boolean;
    requests?: NonNullable<KindView['requests']>;
  },
): KindView {
  const { sourceOf, relatedTo, staticMessage, keepsDigests = false, requests = {} } = view;
  return {
    kind: kind as Kind,
    columns: Object.entries(view.columns).map(([name, cell]) => ({ name, cell: (object) => cell(kind.read(object)) })),
    success: (object) => view.success(kind.read(object)),
    keepsDigests,
    requests,
    ...(sourceOf ? { sourceOf: (object: KubeObject) => sourceOf(kind.read(object)) } : {}),
    ...(relatedTo ? { relatedTo: (object: KubeObject) => relatedTo(kind.read(object)) } : {}),
    ...(staticMessage ? { staticMessage: (object: KubeObject) => staticMessage(kind.read(object)) } : {}),
  };
}

/** Cuts digests in a text to eight digits (spec cli 6). */
export function shortenDigests(text: string): string {
  return text.replace(/\b[0-9a-fA-F]{40,128}\b/g, (digest) => digest.slice(0, 8));
}

export function formatBool(value: boolean | undefined): string {
  return value ? 'True' : 'False';
}
