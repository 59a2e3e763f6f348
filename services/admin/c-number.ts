/** Numbers as C's `strtoul` with base 0 reads them: `0x` hexadecimal, a leading `0` octal, else decimal. */

const FORM = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;

/** Any size; undefined when the whole text is not such a number. */
export function parseCInteger(text: string): bigint | undefined {
  if (!FORM.test(text)) return undefined;
  return /^0[0-7]/.test(text) ? BigInt(`0o${text.slice(1)}`) : BigInt(text);
}

/** Up to 32 bits; undefined also when it is larger. */
export function parseCNumber(text: string): number | undefined {
  const value = parseCInteger(text);
  return value === undefined || value > 0xffff_ffffn ? undefined : Number(value);
}
