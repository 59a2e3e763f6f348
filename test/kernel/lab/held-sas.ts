/** The SAs that a kernel holds, as `ip xfrm state` shows them, whoever put them there and by which interface. No keys. */
import { succeed } from '../../interop/lab/shell.js';

export interface HeldSa {
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly spi: string;
  readonly mode: string;
  /** In the kernel's own names, with the bits of a truncated HMAC or a tag: `cbc(aes)`, `hmac(sha256) 128`. */
  readonly algorithms: readonly string[];
  /** Ports of ESP in UDP, source and destination. */
  readonly ports: readonly [number, number] | undefined;
}

/** Those that have keys: not what waits for an answer. */
export async function heldSas(namespace: string): Promise<readonly HeldSa[]> {
  const text = await succeed('ip', ['-n', namespace, 'xfrm', 'state']);
  const blocks = text.split(/^(?=src )/m).filter((block) => block !== '');
  return blocks.map(heldSa).filter(({ algorithms }) => algorithms.length > 0);
}

function heldSa(block: string): HeldSa {
  const head = /^src (\S+) dst (\S+)\s+proto (\S+) spi 0x(\S+) reqid \S+ mode (\S+)/.exec(block);
  if (head === null) throw new Error(`ip xfrm state: ${block}`);
  const [, source = '', destination = '', protocol = '', spi = '', mode = ''] = head;
  const algorithms = [...block.matchAll(/^\s+(?:enc|auth-trunc|auth|aead) (\S+) \S*(?: (\d+))?$/gm)];
  const [, from, to] = /encap type espinudp sport (\d+) dport (\d+)/.exec(block) ?? [];
  return {
    ...{ source, destination, protocol, spi, mode },
    algorithms: algorithms.map(([, name = '', bits]) => (bits === undefined ? name : `${name} ${bits}`)),
    ports: from === undefined || to === undefined ? undefined : [Number(from), Number(to)],
  };
}

export function spis(sas: readonly HeldSa[]): readonly string[] {
  return sas.map(({ spi }) => spi).sort();
}
