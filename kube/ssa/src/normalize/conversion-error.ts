/** The value does not fit the Go type; the object is then applied as written (KUS-APPLY-03). */
export class ConversionError extends Error {}
