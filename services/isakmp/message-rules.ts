/** Holds a message against its row of the message-rule table: what arrives, and what we are about to send. */
import type { AuthMethod } from '../algorithms.js';
import {
  type ExchangeName,
  MESSAGE_RULES,
  type MessageRule,
  type RulePayload,
} from './message-rule-table.js';
import { type Payload, payloadName, payloadType } from './payload.js';
import type { Proposal } from './payloads/proposal.js';
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
  const row = rowFor(place);
  if (row === undefined) return noRule(place);
  const types: number[] = [];
  for (const payload of payloads) types.push(payloadType(payload));
  return (
    presenceFault(row, types) ?? foreignFault(row, types) ?? orderFault(row, types) ?? saFault(row, payloads)
  );
}

/** Payloads of the message whose bodies are encrypted with a public key and must not be verified before decryption. */
export function sealedPayloads(place: MessagePlace): readonly RulePayload[] {
  return rowFor(place)?.rule.sealed ?? NONE_SEALED;
}

const NONE_SEALED: readonly RulePayload[] = [];

/** A rule by the numbers that its payloads have on the wire. */
interface Row {
  readonly rule: MessageRule;
  readonly counts: readonly Count[];
  /** By payload type, whether it belongs there. */
  readonly allowed: readonly boolean[];
  readonly begins: readonly number[];
  readonly oneOf: readonly number[];
}

interface Count {
  readonly type: number;
  readonly payload: RulePayload;
  readonly least: number;
  readonly most: number;
  readonly together: boolean;
}

/** Rows by exchange and number of the message: each message is held against its own few. */
const ROWS: Readonly<Record<ExchangeName, readonly (readonly Row[])[]>> = {
  'main-mode': byNumber('main-mode'),
  'aggressive-mode': byNumber('aggressive-mode'),
  'quick-mode': byNumber('quick-mode'),
  informational: byNumber('informational'),
};

function byNumber(exchange: ExchangeName): readonly (readonly Row[])[] {
  const rows = MESSAGE_RULES.filter((rule) => rule.exchange === exchange).map(rowOf);
  const last = Math.max(...rows.map(({ rule }) => rule.number));
  return Array.from({ length: last + 1 }, (_, number) => rows.filter(({ rule }) => rule.number === number));
}

function rowOf(rule: MessageRule): Row {
  const counts = rule.payloads.map(({ payload, least, most, together }) => ({
    type: typeNamed(payload),
    payload,
    least,
    most,
    together: together === true,
  }));
  return {
    rule,
    counts,
    allowed: Array.from({ length: 256 }, (_, type) => counts.some((count) => count.type === type)),
    begins: rule.begins.map(typeNamed),
    oneOf: (rule.oneOf ?? []).map(typeNamed),
  };
}

function typeNamed(payload: RulePayload): number {
  const entry = PAYLOAD_TYPES.entries.find(({ name }) => name === payload);
  if (entry === undefined) throw new Error(`no payload type is called ${payload}`);
  return entry.number;
}

function rowFor(place: MessagePlace): Row | undefined {
  for (const row of ROWS[place.exchange][place.number] ?? []) {
    const { protection } = row.rule;
    const wanted = protection === 'either' || (protection === 'always') === place.protected;
    if (wanted && fitsMethod(row, place.method)) return row;
  }
  return undefined;
}

function rowsFor(place: MessagePlace): readonly Row[] {
  return (ROWS[place.exchange][place.number] ?? []).filter((row) => fitsMethod(row, place.method));
}

function fitsMethod({ rule: { methods } }: Row, method: AuthMethod | undefined): boolean {
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

function countOf(types: readonly number[], wanted: number): number {
  let count = 0;
  for (const type of types) if (type === wanted) count += 1;
  return count;
}

function presenceFault({ rule, counts, oneOf }: Row, types: readonly number[]): MessageRuleFault | undefined {
  for (const { type, payload, least, most, together } of counts) {
    const count = countOf(types, type);
    if (count < least || (together && count > 0 && count < most)) {
      const wanted = together ? 'both or none are wanted' : 'one is wanted';
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
  if (oneOf.length > 0 && !oneOf.some((type) => types.includes(type))) {
    const missing = (rule.oneOf ?? []).join(' or ');
    return { rule: 'missing', payload: missing, explanation: `it has no ${missing} payload` };
  }
  return undefined;
}

function amount(count: number): string {
  return count === 0 ? 'no' : String(count);
}

function foreignFault({ allowed }: Row, types: readonly number[]): MessageRuleFault | undefined {
  for (const type of types) {
    if (allowed[type] === true) continue;
    // RFC 2408 5.3 refuses reserved types; private ones of others are no business of ours.
    if (type >= FIRST_PRIVATE_TYPE && PAYLOAD_TYPES.find(type) === undefined) continue;
    const name = payloadName(type);
    return {
      rule: 'not-allowed',
      payload: name,
      explanation: `it has a payload of type ${name}, which does not belong there`,
    };
  }
  return undefined;
}

function orderFault({ begins }: Row, types: readonly number[]): MessageRuleFault | undefined {
  let position = 0;
  for (const type of begins) {
    if (!types.includes(type)) continue;
    if (types[position] !== type) {
      const leading = begins.filter((wanted) => types.includes(wanted)).map(payloadName);
      const explanation = `it must begin with ${leading.join(', ')}`;
      return { rule: 'order', payload: payloadName(type), explanation };
    }
    position += 1;
  }
  return undefined;
}

/** RFC 2409 5, 5.5 and RFC 2408 4.2: an SA payload speaks of its own phase, and a choice is a single one. */
function saFault({ rule: { sa } }: Row, payloads: readonly Payload[]): MessageRuleFault | undefined {
  if (sa === undefined) return undefined;
  for (const payload of payloads) {
    if (payload.kind !== 'SA') continue;
    for (const { protocol } of payload.proposals) {
      if ((protocol === PROTOCOL.isakmp) === (sa.phase === 1)) continue;
      const explanation = `its SA payload has a proposal that is not for Phase ${String(sa.phase)}`;
      return { rule: 'not-allowed', payload: 'SA', explanation };
    }
    if (!sa.chooses || choosesOne(payload.proposals)) continue;
    return {
      rule: 'too-many',
      payload: 'SA',
      explanation: 'its SA payload chooses more than one proposal or transform',
    };
  }
  return undefined;
}

/** One, or several that are taken together; each with one transform at most. */
function choosesOne(proposals: readonly Proposal[]): boolean {
  for (const { number, transforms } of proposals) {
    if (number !== proposals[0]?.number || transforms.length > 1) return false;
  }
  return true;
}
