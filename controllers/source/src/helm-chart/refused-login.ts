const refusals = [
  /(?<![\w:.])401(?!\w)/,
  /unauthorized/,
  /authentication required/,
  /tls/,
  /unknown certificate authority/,
];

/**
 * Whether the text of a failed pull tells of a refused login (SRC-HCHART-12). The original takes any `401` for one, also that
 * of a port or a digest; here it is a number of its own.
 */
export function tellsRefusedLogin(text: string): boolean {
  return refusals.some((refusal) => refusal.test(text));
}
