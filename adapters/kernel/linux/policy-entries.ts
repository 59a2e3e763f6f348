/** `IpsecPolicy` into entries of the SPD of Linux, and entries back into policies. */
import type {
  IpsecPolicy,
  IpsecProtocol,
  Protection,
  TrafficSelectors,
} from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import { spdWords, type SpdEntry, type SpdTemplate } from './spd-entry.js';

/**
 * What the kernel needs for one policy: the way out, the way in, and in tunnel mode the way through. All its proposals are
 * of the same protocols, which the first one tells: a template names a protocol and cannot say "or".
 */
export function entriesFor(policy: IpsecPolicy, requestId: number, priority: number): readonly SpdEntry[] {
  const { selectors, mode } = policy;
  const common = { index: 0, priority, action: 'protect', protocol: selectors.protocol } as const;
  const [outbound, inbound] = [templatesOf(policy, requestId, 'out'), templatesOf(policy, requestId, 'in')];
  const out: SpdEntry = {
    ...common,
    direction: 'out',
    source: selectors.local,
    destination: selectors.remote,
    templates: outbound,
  };
  const back = { ...common, source: selectors.remote, destination: selectors.local, templates: inbound };
  return [
    out,
    { ...back, direction: 'in' },
    ...(mode === 'tunnel' ? [{ ...back, direction: 'forward' } as const] : []),
  ];
}

function templatesOf({ proposals, mode, outer }: IpsecPolicy, requestId: number, direction: 'in' | 'out') {
  const ends =
    direction === 'out'
      ? { source: outer.local, destination: outer.remote }
      : { source: outer.remote, destination: outer.local };
  const innermostFirst = [...(proposals[0] ?? [])].reverse();
  return innermostFirst.map(({ protocol }, position): SpdTemplate => {
    const tunnel = mode === 'tunnel' && position === 0;
    return {
      protocol,
      mode: tunnel ? 'tunnel' : 'transport',
      ends: tunnel ? ends : undefined,
      requestId,
      optional: false,
    };
  });
}

/**
 * The mode in which an SA goes into the kernel. Of a bundle only the innermost makes the tunnel; the others stand around
 * it in transport mode (RFC 4301 4.1), as the templates of `entriesFor` say.
 */
export function saMode(sa: {
  readonly mode: 'transport' | 'tunnel';
  readonly protocol: IpsecProtocol;
  readonly bundle: readonly { readonly protocol: IpsecProtocol }[];
}): 'transport' | 'tunnel' {
  return sa.bundle.at(-1)?.protocol === sa.protocol || sa.bundle.length === 0 ? sa.mode : 'transport';
}

/** The policy that an outbound entry is, with the proposals that its protocols are given. Why not, in one sentence. */
export function policyOf(
  entry: SpdEntry,
  proposalsFor: (protocols: readonly IpsecProtocol[]) => readonly (readonly Protection[])[],
): Result<IpsecPolicy, string> {
  const name = `The kernel's policy ${spdWords(entry)}`;
  const protocols: IpsecProtocol[] = [];
  let ends: SpdTemplate['ends'];
  for (const template of entry.templates) {
    const { protocol, mode } = template;
    if (protocol !== 50 && protocol !== 51) {
      // What may be left out is left out.
      if (template.optional) continue;
      return err(`${name} wants IP protocol ${String(protocol)}, which IKE here does not negotiate.`);
    }
    if (mode === 'other') return err(`${name} is neither of tunnel nor of transport mode.`);
    if (protocols.includes(protocol)) return err(`${name} wants the same protocol twice.`);
    protocols.push(protocol);
    if (mode === 'tunnel') ends = template.ends;
  }
  if (protocols.length === 0) return err(`${name} wants no ESP and no AH.`);
  const proposals = proposalsFor(protocols);
  if (proposals.length === 0) return err(`${name} wants what this kernel has no algorithms for.`);
  const selectors: TrafficSelectors = {
    local: entry.source,
    remote: entry.destination,
    protocol: entry.protocol,
  };
  return ok({
    selectors,
    mode: ends === undefined ? 'transport' : 'tunnel',
    // In transport mode the ends are those of each packet, and put in place of these.
    outer:
      ends === undefined
        ? { local: selectors.local.addresses.begin, remote: selectors.remote.addresses.begin }
        : { local: ends.source, remote: ends.destination },
    proposals,
    ruleLabel: undefined,
    origin: { requestId: entry.templates[0]?.requestId ?? 0, acquireId: undefined },
  });
}
