/** A peer with which nothing was negotiated: what the configuration would do. */
import type { Address } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { IkeConfig, Rule } from '../policy/rule.js';
import { presharedKeyFor } from '../policy/select-preshared-key.js';
import { rulesForResponder } from '../policy/select-rule.js';
import type { Explanation, Fact } from './explanation.js';

const MOST_RULES = 5;

export interface StrangerSettings {
  readonly config: IkeConfig;
  readonly presharedKeys: readonly PresharedKey[];
}

/** What came of a peer and led to nothing: how many messages, and why the latest. */
export interface RefusedMessages {
  readonly count: number;
  readonly reason: string;
  readonly msAgo: number;
}

/** `locals`: the addresses on which IKE is spoken here. */
export function explainStranger(
  address: Address,
  locals: readonly Address[],
  { config, presharedKeys }: StrangerSettings,
  refused?: RefusedMessages,
): Explanation {
  const covering = locals.flatMap((local) =>
    rulesForResponder(config, local, address).usable.map((rule) => ({ local, rule })),
  );
  const [first] = covering;
  const said = (happened: string, evidence: readonly Fact[]): Explanation => ({
    about: {
      negotiation: '',
      chart: '',
      local: first?.local ?? '',
      remote: address,
      rule: first?.rule.label ?? '',
      related: [],
      beganMsAgo: 0,
    },
    standing: 'unknown',
    summary: 'nothing was negotiated with it since the daemon started',
    happened,
    where: '',
    why: '',
    evidence: refused === undefined ? evidence : [refusedFact(refused), ...evidence],
    changes: [],
    comparisons: [],
    equivalents: [],
    sources: ['ike.config(5)'],
    messages: [],
  });
  if (first === undefined) {
    return said(
      `Nothing was negotiated with ${address}, and no rule of ike.config covers it together with a local address of this daemon (${locals.join(', ')}). If it should have come to a negotiation, add a rule; traffic needs a policy, too.`,
      config.rules.slice(0, MOST_RULES).map((rule) => ({ name: 'rule', value: ruleWords(rule) })),
    );
  }
  const key = presharedKeyFor(presharedKeys, first.local, address, 'main');
  const usesKey = first.rule.transforms.some(({ method }) => method === 'preshared');
  return said(
    refused === undefined
      ? `Nothing was negotiated with ${address} since the daemon started: no packet has asked for it, and nothing of the peer has reached this daemon. ikeadm up begins a negotiation by hand.`
      : `Nothing was negotiated with ${address} since the daemon started, though something with its address has reached this daemon: the latest message led to nothing because ${refused.reason}. ikeadm get load counts all such messages and says who may begin now.`,
    [
      ...covering.map(({ rule }) => ({ name: 'rule that would be used', value: ruleWords(rule) })),
      ...(usesKey ? [{ name: 'pre-shared key', value: key.ok ? key.value.why : key.error.explanation }] : []),
    ],
  );
}

function refusedFact({ count, reason, msAgo }: RefusedMessages): Fact {
  return {
    name: 'messages that led to nothing',
    value: `${String(count)}, the latest ${String(Math.round(msAgo / 1000))} s ago: ${reason}`,
  };
}

function ruleWords({ label, position: { file, line } }: Rule): string {
  return `"${label}" (${file}:${String(line)})`;
}
