/** What there is to say of SAs that stand: since when, until when, for what, and when the peer was last heard. */
import { describeIdentity } from '../services/exchange/identity.js';
import { describeTraffic } from '../services/exchange/quick-mode-traffic.js';
import type { Established } from '../services/explain/explain-standing.js';
import type { Fact, Subject } from '../services/explain/explanation.js';
import { formatEndpoint } from '../services/net/address.js';
import type { Rule } from '../services/policy/rule.js';
import { phase1SuiteWords } from '../services/proposal/suite-words.js';
import type { Phase1Entry, Phase2Entry, Speaker } from './sa-table.js';

type Words = Omit<Established, 'states'>;

/** `now` is `Clock.now()`, here and below. */
export function aboutPhase1(entry: Phase1Entry, now: number): Subject {
  return { ...aboutSpeaker(entry), beganMsAgo: Math.max(0, now - entry.begunAt) };
}

function aboutSpeaker({ id, standing, sa }: Speaker): Omit<Subject, 'beganMsAgo'> {
  return {
    negotiation: id,
    chart: 'isakmp-sa',
    local: formatEndpoint(sa.local),
    remote: formatEndpoint(sa.remote),
    rule: sa.rule.label,
    related: [standing],
  };
}

export function phase1Standing(entry: Phase1Entry, now: number): Words {
  const { sa, madeAt, softAt, heardAt, children } = entry;
  const { suite, peerIdentity, features } = sa;
  const evidence: Fact[] = [
    { name: 'role of this host', value: sa.role },
    { name: 'rule', value: ruleWords(sa.rule) },
    { name: 'agreed', value: phase1SuiteWords(suite) },
    ...(peerIdentity === undefined
      ? []
      : [{ name: 'the peer proved to be', value: describeIdentity(peerIdentity) }]),
    { name: 'IPsec SAs that it speaks for', value: String(children.size) },
    { name: 'last heard', value: heardAt === undefined ? 'not yet' : `${seconds(now - heardAt)} ago` },
    {
      name: 'dead peer detection',
      value: features.deadPeerDetection ? 'both ends have it' : 'the peer has none',
    },
  ];
  const until = madeAt + suite.lifetimeSeconds * 1000;
  return {
    words: `The Phase 1 SA stands since ${seconds(now - madeAt)}; it is renewed in ${seconds(softAt - now)} if it is needed, and ends in ${seconds(until - now)}.`,
    evidence,
  };
}

export function aboutPhase2({ id, standing, phase1, madeAt }: Phase2Entry, now: number): Subject {
  return {
    ...aboutSpeaker(phase1),
    negotiation: id,
    chart: 'ipsec-sa',
    related: [standing, phase1.id],
    beganMsAgo: Math.max(0, now - madeAt),
  };
}

export function phase2Standing(
  { policy, phase1, madeAt, lifetimeMs, pairs }: Phase2Entry,
  now: number,
): Words {
  const end = Number.isFinite(lifetimeMs)
    ? ` and end in ${seconds(madeAt + lifetimeMs - now)}; they are renewed before, if they are used`
    : '';
  return {
    words: `The IPsec SAs are installed since ${seconds(now - madeAt)}${end}.`,
    evidence: [
      { name: 'traffic, this host first', value: describeTraffic(policy.selectors) },
      { name: 'mode', value: policy.mode },
      ...pairs.map(({ protocol, inboundSpi, outboundSpi }) => ({
        name: `${protocol === 51 ? 'AH' : 'ESP'}, inbound and outbound SPI`,
        value: `${spi(inboundSpi)} ${spi(outboundSpi)}`,
      })),
      { name: 'rule', value: ruleWords(phase1.sa.rule) },
    ],
  };
}

function ruleWords({ label, position: { file, line } }: Rule): string {
  return `"${label}" (${file}:${String(line)})`;
}

function seconds(ms: number): string {
  return `${String(Math.max(0, Math.round(ms / 1000)))} s`;
}

function spi(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
