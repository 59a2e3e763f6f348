/** Counters of the embedded kernel, for reading: each reason to drop a packet with what it means and where to look. */
import type { InboundDrop, OutboundDrop } from '../../../adapters/kernel/embedded/observation.js';
import type { PacketCounters } from '../../../services/ports/packet-counters.js';

const OUTBOUND: Readonly<Record<OutboundDrop, string>> = {
  'malformed-packet': 'no IPv4 or IPv6 packet',
  'hidden-by-fragment': 'a fragment without the port on which the policy depends',
  'fragment-in-transport-mode': 'transport mode protects whole datagrams only',
  'routed-header-in-transport-mode': 'IPv4 options or IPv6 headers for routers, in transport mode',
  'too-long': 'longer than a datagram once protected',
  'not-carried': 'its SA has an algorithm that this kernel cannot carry; the log names it',
  'hold-full': 'enough packets wait for SAs already',
  'no-key-manager': 'it came while in.iked started or ended',
  'acquire-refused': 'the SA for it could not be made: see "ikeadm why"',
  'acquire-lapsed': 'nobody made an SA for it in time: see "ikeadm why"',
  'no-sa': 'the SA that was made does not cover it: compare the policies of both ends',
};

const INBOUND: Readonly<Record<InboundDrop, string>> = {
  'truncated-esp': 'too short, or cut',
  'truncated-ah': 'AH that is too short, cut, or behind other headers',
  'bad-icv': 'its proof is wrong: forged, damaged, or the ends have different keys',
  'bad-padding': 'what came out of the cipher is no packet: the ends have different keys',
  'unknown-spi': 'no SA here has its SPI: the peer has one that is gone here, see "ikeadm doctor"',
  'not-carried': 'its SA has an algorithm that this kernel cannot carry; the log names it',
  duplicate: 'a replay: that sequence number came before',
  'too-old': 'older than the replay window: much reordering, or a replay',
  'byte-limit': 'the SA had no bytes left',
  dummy: 'a dummy packet of the peer: nothing wrong',
  'wrong-next-header': 'no IP packet in it, in tunnel mode: the ends have different modes or keys',
  'malformed-packet': 'no IPv4 or IPv6 packet in it',
  'selector-mismatch': 'the SA must not carry such traffic: compare the policies of both ends',
};

export function packetCountersText({ sent, received, bypassed, acquires, dropped }: PacketCounters): string {
  return [
    'Packets of the embedded kernel:',
    row('sent', sent, 'protected, and sent to a peer'),
    row('received', received, 'opened, and delivered'),
    row('bypassed', bypassed, 'no policy wants them protected'),
    row('acquires', acquires, 'times that SAs were asked for'),
    ...rows('Dropped on the way out:', dropped.outbound, OUTBOUND),
    ...rows('Dropped on the way in:', dropped.inbound, INBOUND),
    ...(isEmpty(dropped.outbound) && isEmpty(dropped.inbound) ? ['None was dropped.'] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function isEmpty(counts: Readonly<Record<string, number>>): boolean {
  return Object.keys(counts).length === 0;
}

function rows(
  title: string,
  counts: Readonly<Record<string, number>>,
  words: Readonly<Record<string, string>>,
): readonly string[] {
  const lines = Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    // A daemon of another version may have other reasons.
    .map(([reason, count]) => row(reason, count, Object.hasOwn(words, reason) ? (words[reason] ?? '') : ''));
  return lines.length === 0 ? [] : [title, ...lines];
}

function row(name: string, count: number, meaning: string): string {
  return `  ${String(count).padStart(10)} ${name.padEnd(16)} ${meaning}`.trimEnd();
}
