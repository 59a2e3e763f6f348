/** What the kernel is given when a Quick Mode has its keys. */
import type { KernelSa, Lifetimes } from '../ports/kernel.js';
import type { Phase2Record } from './phase2-record.js';

/** Lifetimes are the agreed ones; soft limits are the rule's, and never later than the hard ones. */
function lifetimesOf(record: Phase2Record): Lifetimes {
  const { suite, phase1 } = record;
  const { phase2 } = phase1.rule;
  const hard = Math.min(suite?.lifetimeSeconds ?? Infinity, phase2.lifetimeSeconds ?? Infinity);
  const hardKb = Math.min(suite?.lifetimeKb ?? Infinity, phase2.lifetimeKb ?? Infinity);
  const soft = softLimit(hard, phase2.softlifeSeconds);
  const softKb = softLimit(hardKb, phase2.softlifeKb);
  const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
  /** Equal to the hard limit means that there is no soft one (ike.config(5)). */
  const below = (value: number, limit: number): number | undefined => (value < limit ? value : undefined);
  return {
    hardSeconds: finite(hard),
    softSeconds: below(soft, hard),
    hardBytes: finite(hardKb * 1024),
    softBytes: below(softKb * 1024, hardKb * 1024),
  };
}

/** 90 % of the hard limit unless the rule says otherwise (ike.config(5), p2_softlife_secs). */
function softLimit(hard: number, soft: number | undefined): number {
  return soft === undefined || soft > hard ? Math.floor(hard * 0.9) : soft;
}

export function kernelSa(record: Phase2Record, direction: 'inbound' | 'outbound'): KernelSa {
  const { phase1, suite, policy } = record;
  const keys = direction === 'inbound' ? record.inboundKeys : record.outboundKeys;
  if (suite === undefined || keys === undefined || policy === undefined)
    throw new Error('no keys were derived');
  const inbound = direction === 'inbound';
  const ours = phase1.local.address;
  const theirs = phase1.remote.address;
  return {
    source: inbound ? theirs : ours,
    destination: inbound ? ours : theirs,
    protocol: 50,
    spi: inbound ? record.inboundSpi : record.outboundSpi,
    pairSpi: inbound ? record.outboundSpi : record.inboundSpi,
    direction,
    mode: suite.mode,
    selectors: record.selectors,
    encryption:
      keys.encryption === undefined ? undefined : { algorithm: suite.encryption, key: keys.encryption },
    integrity:
      suite.integrity === undefined || keys.integrity === undefined
        ? undefined
        : { algorithm: suite.integrity, key: keys.integrity },
    lifetimes: lifetimesOf(record),
  };
}
