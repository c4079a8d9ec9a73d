import { CelError } from '../cel-error.ts';
import type { CelDeclaration } from '../cost/declaration.ts';
import { Estimator } from '../cost/estimate.ts';
import { Issues } from '../syntax/issues.ts';
import { parseCel } from '../syntax/parser.ts';
import { Checker, type CheckOptions } from './checker.ts';
import { declarationOfType, typeOfDeclaration } from './declared-type.ts';
import { absentTypes } from './functions.ts';
import { type CelType, nameType } from './type.ts';
import { validateParts } from './validators.ts';

/** Names that expressions may use, with their types. */
export class CelScope {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly options: CheckOptions;

  /** `names` gives objects that have no name of their own the one that errors show. */
  constructor(
    declarations: Readonly<Record<string, CelDeclaration>>,
    { names = {}, withPatches = false }: { names?: Readonly<Record<string, string>>; withPatches?: boolean } = {},
  ) {
    const entries = Object.entries(declarations);
    this.variables = new Map(
      entries.map(([name, declaration]) => [name, typeOfDeclaration(declaration, names[name] ?? name)]),
    );
    this.options = { withPatches };
  }
}

/** An expression whose parts fit each other. */
export interface CheckedCel {
  /** The type of its value as Kubernetes names it: `bool`, `list(string)`, `google.protobuf.Timestamp`. */
  readonly type: string;
  /** What a variable that holds its value is declared as. */
  readonly declaration: CelDeclaration;
  /** Whether it uses a variable of the scope. */
  uses(name: string): boolean;
  /**
   * What it costs at most, in cel-go's units and by its rules. Sizes of values come from their declarations, which are
   * looked up from `root`.
   */
  estimate(root: CelDeclaration): number;
}

/** A name of a type that cannot be evaluated. */
export class CelProgramError extends CelError {}

/** Checks an expression as the API server does; throws `CelError` with all that is wrong with it, in cel-go's words. */
export function checkCel(expression: string, scope: CelScope): CheckedCel {
  const issues = new Issues(expression);
  const node = parseCel(expression, issues);
  if (!node) throw new CelError(issues.toString());
  const checker = new Checker(issues, scope.variables, scope.options);
  checker.check(node);
  if (issues.isEmpty) validateParts(node, checker, issues);
  if (!issues.isEmpty) throw new CelError(issues.toString());
  const absent = [...absentTypes].find((name) => checker.used.has(name));
  if (absent) throw new CelProgramError(`reference to undefined type: ${absent}`);
  const type = checker.typeOf(node);
  return {
    type: nameType(type),
    declaration: declarationOfType(type),
    uses: (name) => checker.used.has(name),
    estimate: (root) => new Estimator(checker, root).cost(node).max,
  };
}
