import { formatQuantity, parseQuantity, type Quantity } from '@flux/gotypes';

/** Amounts by the name of a resource, as in `spec.hard` of a ResourceQuota. */
export type Amounts = Map<string, Quantity>;

const nano = 10n ** 9n;

export function countOf(number: number): Quantity {
  return { nanos: BigInt(number) * nano, format: 'DecimalSI' };
}

export function readAmounts(fields: Readonly<Record<string, string>> | undefined): Amounts {
  return new Map(Object.entries(fields ?? {}).map(([name, text]) => [name, parseQuantity(String(text))]));
}

/** Adds in place; a sum keeps the suffix family of what is not zero. */
export function addAmount(amounts: Amounts, name: string, amount: Quantity): void {
  const known = amounts.get(name);
  if (!known) amounts.set(name, amount);
  else {
    const format = known.nanos === 0n ? amount.format : known.format;
    amounts.set(name, { nanos: known.nanos + amount.nanos, format });
  }
}

export function addAll(amounts: Amounts, more: Amounts): Amounts {
  for (const [name, amount] of more) addAmount(amounts, name, amount);
  return amounts;
}

export function negated(amounts: Amounts): Amounts {
  return new Map([...amounts].map(([name, { nanos, format }]) => [name, { nanos: -nanos, format }]));
}

/** `pods=1,requests.cpu=2`, in the order of the names. */
export function showAmounts(amounts: Amounts, names: readonly string[]): string {
  return [...names]
    .sort()
    .map((name) => `${name}=${formatQuantity(amounts.get(name) ?? countOf(0))}`)
    .join(',');
}
