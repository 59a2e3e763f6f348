/** `--kernel auto`: the best kernel that works here, and why. */
import { tryXfrm } from '../../adapters/kernel/xfrm/trial.js';
import type { Clock } from '../../services/ports/clock.js';
import type { KernelSockets } from '../../services/ports/kernel-socket.js';

export interface BestKernel {
  readonly which: 'embedded' | 'pfkey' | 'xfrm';
  /** Sentences for an operator: what was chosen, and what speaks against the others. */
  readonly why: string;
}

const ITSELF =
  'SAs are kept in the daemon itself, as with --kernel embedded, and protect only the packets that are handed to it.';

/** `sockets`: why there are none, where they are undefined. */
export async function bestKernel(sockets: KernelSockets | undefined, clock: Clock): Promise<BestKernel> {
  if (sockets === undefined) {
    return {
      which: 'embedded',
      why: `The IPsec of this host cannot be reached without the native addon (install a C compiler and run "npm run build"). ${ITSELF}`,
    };
  }
  const pfkey = tryPfkey(sockets);
  const xfrm = await tryXfrm(sockets, clock);
  if (xfrm.ok) {
    const { ciphers, integrity } = xfrm.value;
    const has = `ESP with ${String(ciphers.size)} ciphers and ${String(integrity.size)} integrity algorithms`;
    const other = pfkey ?? 'Its PF_KEY works, too, but knows neither AES-GCM nor SHA-256 with 128 bits.';
    return { which: 'xfrm', why: `--kernel xfrm: this kernel has ${has} over netlink. ${other}` };
  }
  if (xfrm.error.absent && pfkey === undefined) {
    return { which: 'pfkey', why: `--kernel pfkey: this kernel speaks PF_KEY. ${xfrm.error.why}` };
  }
  const reasons = pfkey === undefined || !xfrm.error.absent ? xfrm.error.why : `${xfrm.error.why} ${pfkey}`;
  return { which: 'embedded', why: `${reasons} ${ITSELF}` };
}

/** What speaks against it; undefined when its socket opens. */
function tryPfkey(sockets: KernelSockets): string | undefined {
  const opened = sockets.key({ message: () => undefined, overrun: () => undefined, failed: () => undefined });
  if (!opened.ok) return opened.error.message;
  opened.value.close();
  return undefined;
}
