/** The message-rule table: tests generated from its rows, and the rules RFC 2409 states that a row could get wrong. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AuthMethod } from '../../../services/algorithms.js';
import { NO_BYTES } from '../../../services/bytes.js';
import { messageRulesTable } from '../../../services/isakmp/message-rule-print.js';
import {
  MESSAGE_RULES,
  type MessageRule,
  type RulePayload,
} from '../../../services/isakmp/message-rule-table.js';
import { checkMessage, type MessagePlace, sealedPayloads } from '../../../services/isakmp/message-rules.js';
import { type Payload, payloadName } from '../../../services/isakmp/payload.js';

const data = new Uint8Array(16).fill(1);

function sa(phase: 1 | 2): Payload {
  const transforms = [{ number: 1, id: 1, attributes: [] }];
  const spi = phase === 1 ? NO_BYTES : data.subarray(0, 4);
  return {
    kind: 'SA',
    doi: 1,
    situation: 1,
    proposals: [{ number: 1, protocol: phase === 1 ? 1 : 3, spi, transforms }],
  };
}

/** A payload of that name; SA for the phase of the exchange. */
function some(name: RulePayload, phase: 1 | 2 = 1): Payload {
  switch (name) {
    case 'SA':
      return sa(phase);
    case 'ID':
      return { kind: 'ID', idType: 1, protocol: 0, port: 0, data: data.subarray(0, 4) };
    case 'CERT':
    case 'CERTREQ':
      return { kind: name, encoding: 4, data };
    case 'NOTIFY':
      return { kind: 'NOTIFY', doi: 1, protocol: 1, spi: NO_BYTES, notifyType: 24578, data: NO_BYTES };
    case 'DELETE':
      return { kind: 'DELETE', doi: 1, protocol: 1, spiSize: 16, spis: [data] };
    case 'NAT-D':
      return { kind: 'UNKNOWN', type: 20, data };
    case 'NAT-OA':
      return { kind: 'UNKNOWN', type: 21, data };
    case 'NAT-D-DRAFT':
      return { kind: 'UNKNOWN', type: 130, data };
    case 'NAT-OA-DRAFT':
      return { kind: 'UNKNOWN', type: 131, data };
    default:
      return { kind: name, data };
  }
}

const EVERY_NAME: readonly RulePayload[] = [
  'SA',
  'KE',
  'ID',
  'CERT',
  'CERTREQ',
  'HASH',
  'SIG',
  'NONCE',
  'NOTIFY',
  'DELETE',
  'VENDOR',
  'NAT-D',
  'NAT-D-DRAFT',
  'NAT-OA',
  'NAT-OA-DRAFT',
];

function phaseOf(rule: MessageRule): 1 | 2 {
  return rule.exchange === 'main-mode' || rule.exchange === 'aggressive-mode' ? 1 : 2;
}

function placesOf(rule: MessageRule): readonly MessagePlace[] {
  const methods: readonly (AuthMethod | undefined)[] =
    typeof rule.methods === 'string' ? [undefined] : rule.methods;
  const states = rule.protection === 'either' ? [true, false] : [rule.protection === 'always'];
  return methods.flatMap((method) =>
    states.map((protection) => ({
      exchange: rule.exchange,
      number: rule.number,
      method,
      protected: protection,
    })),
  );
}

function inOrder(rule: MessageRule, payloads: readonly Payload[]): readonly Payload[] {
  const leading = rule.begins.flatMap((name) => payloads.filter((payload) => payloadName(payload) === name));
  return [...leading, ...payloads.filter((payload) => !leading.includes(payload))];
}

/** The message with least, in an order that is right. */
function least(rule: MessageRule): readonly Payload[] {
  const [first] = rule.oneOf ?? [];
  const required = rule.payloads.flatMap(({ payload, least: count }) =>
    Array.from({ length: count }, () => some(payload, phaseOf(rule))),
  );
  return inOrder(rule, first === undefined ? required : [...required, some(first)]);
}

describe('message rules', () => {
  for (const rule of MESSAGE_RULES) {
    for (const place of placesOf(rule)) {
      const title = `${place.exchange} ${String(place.number)}, ${place.method ?? 'any method'}, ${place.protected ? 'encrypted' : 'clear'}`;

      describe(title, () => {
        const check = (payloads: readonly Payload[]) => checkMessage(place, payloads);

        it('accepts the least message', () => {
          assert.equal(check(least(rule)), undefined);
        });

        it('accepts all that is optional, and any order behind the beginning', () => {
          const optional = rule.payloads.flatMap(({ payload, least: count, most }) =>
            Array.from({ length: Math.min(most, 3) - count }, () => some(payload, phaseOf(rule))),
          );
          const full = [...least(rule), ...optional];
          fc.assert(
            fc.property(fc.shuffledSubarray(full, { minLength: full.length }), (shuffled) => {
              assert.equal(check(inOrder(rule, shuffled)), undefined);
            }),
            { numRuns: 20 },
          );
        });

        it('misses each payload that must be there', () => {
          for (const { payload, least: count } of rule.payloads) {
            if (count === 0) continue;
            const without = least(rule).filter((found) => payloadName(found) !== payload);
            const fault = check(without);
            assert.deepEqual([fault?.rule, fault?.payload], ['missing', payload]);
          }
          if (rule.oneOf === undefined) return;
          const [first] = rule.oneOf;
          assert(first !== undefined);
          assert.equal(check(least(rule).filter((found) => payloadName(found) !== first))?.rule, 'missing');
        });

        it('counts each payload that may be there so often only', () => {
          for (const { payload, most } of rule.payloads) {
            if (most === Infinity) continue;
            const others = least(rule).filter((found) => payloadName(found) !== payload);
            const more = Array.from({ length: most + 1 }, () => some(payload, phaseOf(rule)));
            const fault = check(inOrder(rule, [...others, ...more]));
            assert.deepEqual([fault?.rule, fault?.payload], ['too-many', payload]);
          }
        });

        it('refuses each payload that does not belong there', () => {
          for (const name of EVERY_NAME) {
            if (rule.payloads.some(({ payload }) => payload === name)) continue;
            const fault = check([...least(rule), some(name, phaseOf(rule))]);
            assert.deepEqual([fault?.rule, fault?.payload], ['not-allowed', name]);
          }
          for (const type of [2, 3, 14, 17, 23, 127, 132]) {
            const fault = check([...least(rule), { kind: 'UNKNOWN', type, data }]);
            assert.equal(fault?.rule, 'not-allowed', String(type));
          }
        });

        it('lets private payloads of others pass', () => {
          assert.equal(check([...least(rule), { kind: 'UNKNOWN', type: 200, data }]), undefined);
        });

        it('wants its beginning at the beginning', () => {
          for (const name of rule.begins) {
            const rest = least(rule).filter((found) => payloadName(found) !== name);
            const fault = check([...rest, some('VENDOR'), some(name, phaseOf(rule))]);
            assert.equal(fault?.rule, 'order');
          }
        });

        it('wants the right protection', () => {
          if (rule.protection === 'either' || rule.exchange === 'informational') return;
          const fault = checkMessage({ ...place, protected: !place.protected }, least(rule));
          assert.equal(fault?.rule, 'protection');
        });
      });
    }
  }

  it('cover every message of every method', () => {
    const methods: readonly AuthMethod[] = [
      'preshared',
      'dss_sig',
      'rsa_sig',
      'rsa_encrypt',
      'rsa_encrypt_revised',
    ];
    for (const [exchange, last] of [
      ['main-mode', 6],
      ['aggressive-mode', 3],
    ] as const) {
      for (const method of methods) {
        for (let number = 1; number <= last; number++) {
          const fits = MESSAGE_RULES.filter(
            (rule) =>
              rule.exchange === exchange &&
              rule.number === number &&
              (rule.methods === 'any' || rule.methods.includes(method)),
          );
          assert.equal(fits.length, 1, `${exchange} ${String(number)} ${method}`);
        }
      }
    }
  });

  it('know no message beyond the last', () => {
    for (const [exchange, number] of [
      ['main-mode', 7],
      ['aggressive-mode', 4],
      ['quick-mode', 4],
      ['informational', 2],
      ['main-mode', 0],
    ] as const) {
      assert.equal(
        checkMessage({ exchange, number, method: 'preshared', protected: true }, [])?.rule,
        'not-allowed',
      );
    }
  });

  it('want both Quick Mode identities or none (RFC 2409 5.5)', () => {
    const place = { exchange: 'quick-mode', number: 1, method: undefined, protected: true } as const;
    const message = [some('HASH'), some('SA', 2), some('NONCE')];
    assert.equal(checkMessage(place, [...message, some('ID'), some('ID')]), undefined);
    const fault = checkMessage(place, [...message, some('ID')]);
    assert.deepEqual([fault?.rule, fault?.payload], ['missing', 'ID']);
  });

  it('want the SA right after the HASH in Quick Mode', () => {
    const place = { exchange: 'quick-mode', number: 2, method: undefined, protected: true } as const;
    assert.equal(checkMessage(place, [some('HASH'), some('NONCE'), some('SA', 2)])?.rule, 'order');
    assert.equal(checkMessage(place, [some('NONCE'), some('SA', 2), some('HASH')])?.rule, 'order');
  });

  it('want the encrypted nonce first where the other keys hang on it (RFC 2409 5.3)', () => {
    const place = {
      exchange: 'main-mode',
      number: 3,
      method: 'rsa_encrypt_revised',
      protected: false,
    } as const;
    assert.equal(checkMessage(place, [some('NONCE'), some('KE'), some('ID')]), undefined);
    assert.equal(checkMessage(place, [some('HASH'), some('NONCE'), some('KE'), some('ID')]), undefined);
    assert.equal(checkMessage(place, [some('KE'), some('NONCE'), some('ID')])?.rule, 'order');
    assert.equal(checkMessage(place, [some('NONCE'), some('HASH'), some('KE'), some('ID')])?.rule, 'order');
    assert.deepEqual(sealedPayloads(place), ['NONCE', 'KE', 'ID', 'CERT']);
    assert.deepEqual(sealedPayloads({ ...place, method: 'preshared' }), []);
  });

  it('refuse an SA of the other phase', () => {
    const phase1 = { exchange: 'main-mode', number: 1, method: undefined, protected: false } as const;
    const phase2 = { exchange: 'quick-mode', number: 1, method: undefined, protected: true } as const;
    assert.equal(checkMessage(phase1, [sa(2)])?.rule, 'not-allowed');
    assert.equal(checkMessage(phase2, [some('HASH'), sa(1), some('NONCE')])?.rule, 'not-allowed');
  });

  it('want a choice to be one proposal with one transform each (RFC 2408 4.2)', () => {
    const offer = { exchange: 'quick-mode', number: 1, method: undefined, protected: true } as const;
    const choice = { ...offer, number: 2 } as const;
    const transform = { number: 1, id: 12, attributes: [] };
    const esp = { number: 1, protocol: 3, spi: data.subarray(0, 4), transforms: [transform] };
    const message = (...proposals: readonly (typeof esp)[]): readonly Payload[] => [
      some('HASH'),
      { kind: 'SA', doi: 1, situation: 1, proposals },
      some('NONCE'),
    ];
    const twoTransforms = message({ ...esp, transforms: [transform, { ...transform, number: 2 }] });
    const twoProposals = message(esp, { ...esp, number: 2 });
    assert.equal(checkMessage(offer, twoTransforms), undefined);
    assert.equal(checkMessage(offer, twoProposals), undefined);
    assert.equal(checkMessage(choice, twoTransforms)?.rule, 'too-many');
    assert.equal(checkMessage(choice, twoProposals)?.rule, 'too-many');
    // ESP and AH together are one proposal (RFC 2408 4.2).
    assert.equal(checkMessage(choice, message(esp, { ...esp, protocol: 2 })), undefined);
  });

  it('refuse a Delete in the clear', () => {
    const place = { exchange: 'informational', number: 1, method: undefined, protected: false } as const;
    assert.equal(checkMessage(place, [some('NOTIFY'), some('DELETE')])?.rule, 'not-allowed');
    assert.equal(checkMessage(place, [some('DELETE')])?.rule, 'missing');
  });

  it('are printed one row each', () => {
    const lines = messageRulesTable().trimEnd().split('\n');
    assert.equal(lines.length, MESSAGE_RULES.length + 2);
    const columns = new Set(lines.map((line) => line.split('|').length));
    assert.equal(columns.size, 1);
    const quickMode = lines.find((line) => line.startsWith('| quick-mode | 1 |'));
    assert(quickMode?.includes('HASH NONCE SA+ [KE] [ID ID] NOTIFY* VENDOR*'));
  });
});
