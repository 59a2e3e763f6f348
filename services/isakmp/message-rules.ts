/** Holds a message against its row of the message-rule table: what arrives, and what we are about to send. */
import type { AuthMethod } from '../algorithms.js';
import {
  type ExchangeName,
  MESSAGE_RULES,
  type MessageRule,
  type RulePayload,
} from './message-rule-table.js';
import { type Payload, payloadName, payloadType } from './payload.js';
import { PAYLOAD_TYPES } from './registries/payload-types.js';
import { PROTOCOL } from './registries/protocols.js';

export type { ExchangeName } from './message-rule-table.js';

export interface MessagePlace {
  readonly exchange: ExchangeName;
  /** 1 to 6 in Main Mode, 1 to 3 in Aggressive and Quick Mode, 1 in an Informational. */
  readonly number: number;
  /** Undefined where it is not known yet, and in Phase 2. */
  readonly method: AuthMethod | undefined;
  /** Whether the message is encrypted. */
  readonly protected: boolean;
}

export interface MessageRuleFault {
  readonly rule: 'missing' | 'too-many' | 'not-allowed' | 'order' | 'protection';
  /** Payload name; `message` when the fault is the whole message's. */
  readonly payload: string;
  /** One clause for an operator. */
  readonly explanation: string;
}

/** First type for private use (RFC 2408 3.1). */
const FIRST_PRIVATE_TYPE = 128;

/** What is wrong with a message as a set of payloads, or undefined. Contents are `verifyPayload`'s. */
export function checkMessage(
  place: MessagePlace,
  payloads: readonly Payload[],
): MessageRuleFault | undefined {
  const rule = ruleFor(place);
  if (rule === undefined) return noRule(place);
  const names = payloads.map(payloadName);
  return (
    presenceFault(rule, names) ??
    foreignFault(rule, payloads, names) ??
    orderFault(rule, names) ??
    saFault(rule, payloads)
  );
}

/** Payloads of the message whose bodies are encrypted with a public key and must not be verified before decryption. */
export function sealedPayloads(place: MessagePlace): readonly RulePayload[] {
  return ruleFor(place)?.sealed ?? NONE_SEALED;
}

const NONE_SEALED: readonly RulePayload[] = [];

/** Rows by exchange and number of the message: each message is held against its own few. */
const ROWS: Readonly<Record<ExchangeName, readonly (readonly MessageRule[])[]>> = {
  'main-mode': byNumber('main-mode'),
  'aggressive-mode': byNumber('aggressive-mode'),
  'quick-mode': byNumber('quick-mode'),
  informational: byNumber('informational'),
};

function byNumber(exchange: ExchangeName): readonly (readonly MessageRule[])[] {
  const rules = MESSAGE_RULES.filter((rule) => rule.exchange === exchange);
  const last = Math.max(...rules.map(({ number }) => number));
  return Array.from({ length: last + 1 }, (_, number) => rules.filter((rule) => rule.number === number));
}

function ruleFor(place: MessagePlace): MessageRule | undefined {
  for (const rule of ROWS[place.exchange][place.number] ?? []) {
    const { protection } = rule;
    const wanted = protection === 'either' || (protection === 'always') === place.protected;
    if (wanted && fitsMethod(rule, place.method)) return rule;
  }
  return undefined;
}

function rowsFor(place: MessagePlace): readonly MessageRule[] {
  return (ROWS[place.exchange][place.number] ?? []).filter((rule) => fitsMethod(rule, place.method));
}

function fitsMethod({ methods }: MessageRule, method: AuthMethod | undefined): boolean {
  if (methods === 'any') return true;
  if (methods === 'undecided') return method === undefined;
  return method !== undefined && methods.includes(method);
}

function noRule(place: MessagePlace): MessageRuleFault {
  if (rowsFor(place).length > 0) {
    const explanation = place.protected ? 'it must not be encrypted' : 'it must be encrypted';
    return { rule: 'protection', payload: 'message', explanation };
  }
  const explanation = `there is no message ${String(place.number)} in this exchange and authentication method`;
  return { rule: 'not-allowed', payload: 'message', explanation };
}

function countOf(names: readonly string[], wanted: string): number {
  let count = 0;
  for (const name of names) if (name === wanted) count += 1;
  return count;
}

function presenceFault(rule: MessageRule, names: readonly string[]): MessageRuleFault | undefined {
  for (const { payload, least, most, together } of rule.payloads) {
    const count = countOf(names, payload);
    if (count < least || (together === true && count > 0 && count < most)) {
      const wanted = together === true ? 'both or none are wanted' : 'one is wanted';
      return {
        rule: 'missing',
        payload,
        explanation: `it has ${amount(count)} ${payload} payload where ${wanted}`,
      };
    }
    if (count > most) {
      const explanation = `it has ${amount(count)} ${payload} payloads where ${String(most)} is the most`;
      return { rule: 'too-many', payload, explanation };
    }
  }
  const { oneOf } = rule;
  if (oneOf?.every((name) => !names.includes(name)) === true) {
    const missing = oneOf.join(' or ');
    return { rule: 'missing', payload: missing, explanation: `it has no ${missing} payload` };
  }
  return undefined;
}

function amount(count: number): string {
  return count === 0 ? 'no' : String(count);
}

function foreignFault(
  rule: MessageRule,
  payloads: readonly Payload[],
  names: readonly string[],
): MessageRuleFault | undefined {
  let index = 0;
  for (const payload of payloads) {
    const name = names[index++] ?? '';
    if (rule.payloads.some((allowed) => allowed.payload === name)) continue;
    const type = payloadType(payload);
    // RFC 2408 5.3 refuses reserved types; private ones of others are no business of ours.
    if (type >= FIRST_PRIVATE_TYPE && PAYLOAD_TYPES.find(type) === undefined) continue;
    return {
      rule: 'not-allowed',
      payload: name,
      explanation: `it has a payload of type ${name}, which does not belong there`,
    };
  }
  return undefined;
}

function orderFault({ begins }: MessageRule, names: readonly string[]): MessageRuleFault | undefined {
  let position = 0;
  for (const name of begins) {
    if (!names.includes(name)) continue;
    if (names[position] !== name) {
      const leading = begins.filter((wanted) => names.includes(wanted)).join(', ');
      return { rule: 'order', payload: name, explanation: `it must begin with ${leading}` };
    }
    position += 1;
  }
  return undefined;
}

/** RFC 2409 5, 5.5 and RFC 2408 4.2: an SA payload speaks of its own phase, and a choice is a single one. */
function saFault(rule: MessageRule, payloads: readonly Payload[]): MessageRuleFault | undefined {
  if (rule.sa === undefined) return undefined;
  const { phase, chooses } = rule.sa;
  for (const payload of payloads) {
    if (payload.kind !== 'SA') continue;
    const { proposals } = payload;
    if (proposals.some(({ protocol }) => (protocol === PROTOCOL.isakmp) !== (phase === 1))) {
      const explanation = `its SA payload has a proposal that is not for Phase ${String(phase)}`;
      return { rule: 'not-allowed', payload: 'SA', explanation };
    }
    if (!chooses) continue;
    const numbers = new Set(proposals.map(({ number }) => number));
    if (numbers.size > 1 || proposals.some(({ transforms }) => transforms.length > 1)) {
      return {
        rule: 'too-many',
        payload: 'SA',
        explanation: 'its SA payload chooses more than one proposal or transform',
      };
    }
  }
  return undefined;
}
