/** Names of IP protocols that traffic is selected by (IANA protocol numbers). */

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ['any', 0],
  ['icmp', 1],
  ['ipip', 4],
  ['tcp', 6],
  ['udp', 17],
  ['ipv6', 41],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['icmpv6', 58],
  ['ipv6-icmp', 58],
  ['sctp', 132],
]);

/** A name, case-insensitive, or a decimal number 0..255; undefined when it is neither. */
export function parseProtocol(text: string): number | undefined {
  if (/^[0-9]{1,3}$/.test(text)) {
    const number = Number(text);
    return number <= 255 ? number : undefined;
  }
  return PROTOCOLS.get(text.toLowerCase());
}
