/** What the kernel is given when a Quick Mode has its keys. */
import type { KernelSa, Lifetimes, SaMaker, UdpEncapsulation } from '../ports/kernel.js';
import type { Phase2Suite } from '../proposal/phase2-suite.js';
import type { Phase1Sa } from './phase1-sa.js';
import type { AgreedPair, Phase2Record } from './phase2-record.js';

/** Lifetimes are the agreed ones; soft limits are the rule's, and never later than the hard ones. */
export function lifetimesOf({ phase1 }: Phase2Record, suite: Phase2Suite): Lifetimes {
  const { phase2 } = phase1.rule;
  const hard = Math.min(suite.lifetimeSeconds, phase2.lifetimeSeconds ?? Infinity);
  const hardKb = Math.min(suite.lifetimeKb ?? Infinity, phase2.lifetimeKb ?? Infinity);
  const soft = softLimit(hard, phase2.softlifeSeconds);
  const softKb = softLimit(hardKb, phase2.softlifeKb);
  return {
    hardSeconds: Number.isFinite(hard) ? hard : undefined,
    // Equal to the hard limit means that there is no soft one (ike.config(5)).
    softSeconds: soft < hard ? soft : undefined,
    hardBytes: Number.isFinite(hardKb) ? bytesOf(hardKb) : undefined,
    softBytes: softKb < hardKb ? bytesOf(softKb) : undefined,
  };
}

function bytesOf(kilobytes: number): number {
  return Math.min(kilobytes * 1024, Number.MAX_SAFE_INTEGER);
}

/** 90 % of the hard limit unless the rule says otherwise (ike.config(5), p2_softlife_secs). */
function softLimit(hard: number, soft: number | undefined): number {
  return soft === undefined || soft > hard ? Math.floor(hard * 0.9) : soft;
}

/** The SAs of one direction, one for each protocol. */
export function kernelSas(record: Phase2Record, direction: 'inbound' | 'outbound'): readonly KernelSa[] {
  const bundle = record.agreed.map(({ protocol, inboundSpi, outboundSpi }) => ({
    protocol,
    spi: direction === 'inbound' ? inboundSpi : outboundSpi,
  }));
  return record.agreed.map((pair) => kernelSa(record, pair, direction, bundle));
}

function kernelSa(
  record: Phase2Record,
  pair: AgreedPair,
  direction: 'inbound' | 'outbound',
  bundle: KernelSa['bundle'],
): KernelSa {
  const { phase1 } = record;
  const { suite } = pair;
  const inbound = direction === 'inbound';
  const keys = inbound ? pair.inboundKeys : pair.outboundKeys;
  if (keys === undefined) throw new Error('no keys were derived');
  const ours = phase1.local.address;
  const theirs = phase1.remote.address;
  return {
    source: inbound ? theirs : ours,
    destination: inbound ? ours : theirs,
    protocol: pair.protocol,
    spi: inbound ? pair.inboundSpi : pair.outboundSpi,
    pairSpi: inbound ? pair.outboundSpi : pair.inboundSpi,
    direction,
    mode: suite.mode,
    selectors: record.selectors,
    encryption:
      suite.protocol === 51 || keys.encryption === undefined
        ? undefined
        : { algorithm: suite.encryption, key: keys.encryption },
    integrity:
      suite.integrity === undefined || keys.integrity === undefined
        ? undefined
        : { algorithm: suite.integrity, key: keys.integrity },
    lifetimes: lifetimesOf(record, suite),
    encapsulation: udpEncapsulation(record),
    maker: makerOf(phase1),
    origin: record.policy?.origin,
    bundle,
  };
}

function makerOf({ rule, local, remote, peerIdentity, features: { nat } }: Phase1Sa): SaMaker {
  const identity = peerIdentity && { idType: peerIdentity.idType, data: peerIdentity.data };
  return {
    rule: rule.label,
    localPort: local.port,
    translated: nat.local,
    peer: { identity, port: remote.port, translated: nat.remote },
  };
}

/** The ports are those of IKE itself: ESP takes the same way through the NAT (RFC 3948 2.1). */
function udpEncapsulation({ terms, phase1, peerOriginal }: Phase2Record): UdpEncapsulation | undefined {
  if (terms.encapsulation === 'none') return undefined;
  return { localPort: phase1.local.port, remotePort: phase1.remote.port, original: peerOriginal };
}
