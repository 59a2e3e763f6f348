/**
 * RESPONDER-LIFETIME (RFC 2407 4.6.3.1): a responder may not change the transform it has chosen, so a shorter life is
 * said beside it, in message 2, by protocol and SPI.
 */
import { readU32, u32 } from '../bytes.js';
import type { DecodedPayload } from '../isakmp/payload.js';
import { decodeAttributes, encodeAttributes } from '../isakmp/payloads/attribute.js';
import type { NotifyPayload } from '../isakmp/payloads/notification.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { lifetimeAttributes, readLifetimes, type SaidLifetimes } from '../proposal/phase2-lifetime.js';
import { wireProtocol } from '../proposal/phase2-suite.js';
import { allOf } from './payloads-of.js';
import type { AgreedPair, Phase2Record } from './phase2-record.js';

const DOI_IPSEC = 1;

/** One for each protocol of which our rule wants a shorter life than was agreed. */
export function responderLifetimes(record: Phase2Record): readonly NotifyPayload[] {
  const { lifetimeSeconds, lifetimeKb } = record.phase1.rule.phase2;
  const notifies: NotifyPayload[] = [];
  for (const { protocol, suite, inboundSpi } of record.agreed) {
    const attributes = lifetimeAttributes({
      seconds: shorter(lifetimeSeconds, suite.lifetimeSeconds),
      kilobytes: shorter(lifetimeKb, suite.lifetimeKb),
    });
    if (attributes.length === 0) continue;
    notifies.push({
      kind: 'NOTIFY',
      doi: DOI_IPSEC,
      protocol: wireProtocol(protocol),
      spi: u32(inboundSpi),
      notifyType: NOTIFY.responderLifetime,
      data: encodeAttributes(attributes),
    });
  }
  return notifies;
}

function shorter(ours: number | undefined, agreed: number | undefined): number | undefined {
  return ours !== undefined && ours < (agreed ?? Infinity) ? ours : undefined;
}

/** What is agreed after the peer's notifies. They can shorten a life and nothing else; what cannot be read is ignored. */
export function withResponderLifetimes(
  agreed: readonly AgreedPair[],
  payloads: readonly DecodedPayload[],
): readonly AgreedPair[] {
  const notifies = allOf(payloads, 'NOTIFY').filter(
    ({ notifyType }) => notifyType === NOTIFY.responderLifetime,
  );
  return agreed.map((pair) =>
    notifies.filter((notify) => concerns(notify, pair)).reduce((so, notify) => shortened(so, notify), pair),
  );
}

function concerns({ protocol, spi }: NotifyPayload, pair: AgreedPair): boolean {
  return (
    protocol === wireProtocol(pair.protocol) &&
    (spi.length === 0 || (spi.length === 4 && readU32(spi, 0) === pair.outboundSpi))
  );
}

function shortened(pair: AgreedPair, notify: NotifyPayload): AgreedPair {
  const attributes = decodeAttributes(notify.data);
  if (!attributes.ok) return pair;
  const said: SaidLifetimes = readLifetimes(attributes.value);
  if (said.fault !== undefined) return pair;
  const { lifetimeSeconds, lifetimeKb } = pair.suite;
  const kilobytes = Math.min(lifetimeKb ?? Infinity, said.kilobytes ?? Infinity);
  return {
    ...pair,
    suite: {
      ...pair.suite,
      lifetimeSeconds: Math.min(lifetimeSeconds, said.seconds ?? Infinity),
      lifetimeKb: Number.isFinite(kilobytes) ? kilobytes : undefined,
    },
  };
}
