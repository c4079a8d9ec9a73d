import { CelError } from '../cel-error.ts';
import { type CelType, isDynOrError, isSameType, parameterType, types } from './type.ts';

/** Types of types can double with each step of a chain; what people write takes some thousand. */
const mostSteps = 1_000_000;

/** What type parameters stand for, as far as it is known. */
export class Substitutions {
  readonly #known = new Map<string, CelType>();
  /** What was known before, for steps that are taken back. */
  readonly #trail: [name: string, before: CelType | undefined][] = [];
  #fresh = 0;
  #steps = 0;

  newParameter(): CelType {
    const name = `_var${this.#fresh}`;
    this.#fresh += 1;
    return parameterType(name);
  }

  /** Whether a value of the second type can stand where the first is expected; learns what parameters have to be then. */
  assign(expected: CelType, given: CelType): boolean {
    return this.#attempt(() => this.#isAssignable(expected, given));
  }

  assignAll(expected: readonly CelType[], given: readonly CelType[]): boolean {
    return this.#attempt(() => this.#areAssignable(expected, given));
  }

  /** A type with its parameters replaced; those that are not known can be taken for anything. */
  apply(type: CelType, unknownIsDyn = false): CelType {
    if (type.kind === 'parameter') {
      const known = this.#known.get(type.name);
      if (known) return this.apply(known, unknownIsDyn);
      return unknownIsDyn ? types.dyn : type;
    }
    if (type.parameters.length === 0) return type;
    this.#step();
    return { ...type, parameters: type.parameters.map((parameter) => this.apply(parameter, unknownIsDyn)) };
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > mostSteps)
      throw new CelError('ERROR: <input>:-1:0: types of the expression are too large to check');
  }

  #attempt(run: () => boolean): boolean {
    const start = this.#trail.length;
    if (run()) return true;
    for (const [name, before] of this.#trail.splice(start).reverse()) {
      if (before) this.#known.set(name, before);
      else this.#known.delete(name);
    }
    return false;
  }

  #learn(name: string, type: CelType): void {
    this.#trail.push([name, this.#known.get(name)]);
    this.#known.set(name, type);
  }

  #isAssignable(a: CelType, b: CelType): boolean {
    this.#step();
    if (b.kind === 'parameter') {
      const fits = this.#substitute(a, b);
      if (fits || this.#known.has(b.name)) return fits;
    }
    if (a.kind === 'parameter') return this.#substitute(b, a);
    if (isDynOrError(a) || isDynOrError(b)) return true;
    if (a.kind === 'null') return isNullable(b);
    if (b.kind === 'null') return isNullable(a);
    if (a.kind !== b.kind) return false;
    if (a.kind === 'type') return true;
    return a.name === b.name && this.#areAssignable(a.parameters, b.parameters);
  }

  #areAssignable(a: readonly CelType[], b: readonly CelType[]): boolean {
    return a.length === b.length && a.every((type, index) => this.#isAssignable(type, b[index]!));
  }

  /** Whether the parameter can stand for the type; the more general of two candidates is kept. */
  #substitute(type: CelType, parameter: CelType): boolean {
    if (isSameType(type, parameter)) return true;
    const known = this.#known.get(parameter.name);
    if (known === undefined) {
      if (this.#occurs(parameter, type)) return false;
      this.#learn(parameter.name, type);
      return true;
    }
    if (isSameType(type, known)) return true;
    if (!this.#isAssignable(type, known)) return false;
    const general = mostGeneral(type, known);
    if (!this.#occurs(parameter, general)) this.#learn(parameter.name, general);
    return true;
  }

  #occurs(parameter: CelType, within: CelType): boolean {
    if (isSameType(parameter, within)) return true;
    if (within.kind !== 'parameter') return within.parameters.some((part) => this.#occurs(parameter, part));
    const known = this.#known.get(within.name);
    return known !== undefined && this.#occurs(parameter, known);
  }
}

function isNullable({ kind }: CelType): boolean {
  return ['null', 'opaque', 'struct', 'duration', 'timestamp'].includes(kind);
}

export function mostGeneral(a: CelType, b: CelType): CelType {
  return isAsGeneral(a, b) ? a : b;
}

function isAsGeneral(a: CelType, b: CelType): boolean {
  const isOpen = ({ kind }: CelType) => kind === 'dyn' || kind === 'parameter';
  if (isOpen(a)) return true;
  if (isOpen(b) || a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (a.name !== b.name || a.parameters.length !== b.parameters.length) return false;
  return a.parameters.every((part, index) => isAsGeneral(part, b.parameters[index]!));
}
