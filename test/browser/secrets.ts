/** Looks for secrets in what a page received, in every form that a careless line of code would give them. */
import { readFileSync } from 'node:fs';
import { type Gateway, presharedFile } from '../cli/in.iked/gateways.js';

/** Shorter ones are found by chance. */
const SHORTEST_BYTES = 8;

/** Names of the secrets that are in `received`, with the form each was found in. */
export function leaks(received: readonly Buffer[], secrets: ReadonlyMap<string, string>): readonly string[] {
  return [...secrets].flatMap(([hex, name]) =>
    formsOf(hex)
      .filter(({ bytes }) => received.some((buffer) => buffer.includes(bytes)))
      .map(({ form }) => `${name} as ${form}`),
  );
}

/** The bytes that `hex` stands for, in each form. */
export function formsOf(hex: string): readonly { readonly form: string; readonly bytes: Buffer }[] {
  const raw = Buffer.from(hex, 'hex');
  const texts = {
    hex,
    'upper-case hex': hex.toUpperCase(),
    'hex with colons': (hex.match(/../g) ?? []).join(':'),
    base64: raw.toString('base64').replace(/=+$/, ''),
    base64url: raw.toString('base64url'),
    'numbers of an array': [...raw].join(','),
    'a typed array as JSON': JSON.stringify(new Uint8Array(raw)).slice(1, -1),
    'a string of bytes': raw.toString('latin1'),
    'a string of bytes as JSON': JSON.stringify(raw.toString('latin1')).slice(1, -1),
  };
  return [
    { form: 'bytes', bytes: raw },
    ...Object.entries(texts).map(([form, text]) => ({ form, bytes: Buffer.from(text, 'utf8') })),
  ];
}

/** Every key the two ends hold now or have written to their traces: hex to name. */
export async function secretsOf({
  east,
  west,
}: {
  readonly east: Gateway;
  readonly west: Gateway;
}): Promise<ReadonlyMap<string, string>> {
  const secrets = new Map<string, string>();
  const add = (hex: string, name: string): void => {
    // The name it was first found under: the door shows the pre-shared key again.
    if (hex.length >= SHORTEST_BYTES * 2 && !secrets.has(hex)) secrets.set(hex, name);
  };
  for (const [end, gateway] of Object.entries({ east, west })) {
    for (const [, hex = ''] of readFileSync(presharedFile(gateway.root), 'utf8').matchAll(
      /key ([0-9a-f]+)/g,
    )) {
      add(hex, `pre-shared key of ${end}`);
    }
    for (const { spi, enc, auth } of gateway.trace()) {
      add(enc?.key ?? '', `encryption key of SA ${spi}`);
      add(auth?.key ?? '', `integrity key of SA ${spi}`);
    }
    const phase1 = (await gateway.ikeadm('-n', 'dump', 'p1')).stdout;
    for (const [, name = '', hex = ''] of phase1.matchAll(/^KEY: +(.+) \(\d+ bytes\): ([0-9a-f]+)\/\d+$/gm)) {
      add(hex, `${name} of ${end}`);
    }
  }
  return secrets;
}
