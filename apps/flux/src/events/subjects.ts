import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { kindViews } from '../kinds/index.ts';
import { refTo } from '../objects.ts';

/** Whose events are wanted: every Flux object, those of a kind, or one object and what it refers to. */
export interface Subjects {
  matches(involved: { kind?: string; name?: string; namespace?: string }): boolean;
  /** Namespaces to look in; `undefined` stands for all. */
  namespaces: readonly (string | undefined)[];
}

interface Subject {
  kind: string;
  name?: string;
  namespace?: string;
}

/** Reads `--for Kind[/name]`; a named object has to exist, and its source counts too (spec cli 10). */
export async function findSubjects(context: Context, text: string, allNamespaces: boolean): Promise<Subjects> {
  const own = allNamespaces ? undefined : context.namespace;
  if (text === '') {
    const known = new Set(kindViews.map(({ kind }) => kind.kind));
    return { matches: ({ kind }) => known.has(kind ?? ''), namespaces: [own] };
  }
  const subjects = await subjectsOf(context, text);
  const namespaces = new Set(subjects.map(({ namespace }) => (allNamespaces ? undefined : (namespace ?? own))));
  return { matches: (involved) => subjects.some((subject) => isSame(subject, involved)), namespaces: [...namespaces] };
}

async function subjectsOf(context: Context, text: string): Promise<Subject[]> {
  const [kindText = '', name] = text.split('/');
  const view = kindViews.find(({ kind }) => kind.kind.toLowerCase() === kindText.toLowerCase());
  if (!view) throw new UsageError(`'${kindText}' is not a recognized Flux kind`);
  const { kind } = view.kind;
  if (!name) return [{ kind }];
  const object = await (await context.cluster()).get(refTo(view.kind, context.namespace, name));
  const related = view.relatedTo?.(object) ?? (view.sourceOf ? [view.sourceOf(object)] : []);
  return [{ kind, name, namespace: context.namespace }, ...related];
}

function isSame(subject: Subject, involved: { kind?: string; name?: string; namespace?: string }): boolean {
  if (subject.kind !== involved.kind) return false;
  if (subject.name === undefined) return true;
  return subject.name === involved.name && subject.namespace === involved.namespace;
}
