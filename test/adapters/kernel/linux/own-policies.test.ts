/** Policies of a file in the SPD of Linux: what is put, what is removed, what is left out and why. */
import assert from 'node:assert/strict';
import type { Refusal } from '../../../../adapters/kernel/linux/default-proposals.js';
import {
  FIRST_OWN_PRIORITY,
  planPolicies,
  type PolicyPlan,
} from '../../../../adapters/kernel/linux/own-policies.js';
import { policyOf, saMode } from '../../../../adapters/kernel/linux/policy-entries.js';
import { FIRST_OWN_REQUEST_ID } from '../../../../adapters/kernel/linux/request-ids.js';
import type { SpdEntry } from '../../../../adapters/kernel/linux/spd-entry.js';
import { prefixRange } from '../../../../services/net/address.js';
import type { IpsecPolicy, Protection } from '../../../../services/ports/kernel.js';
import { AES128_SHA1, otherPolicy, tunnelPolicy } from '../../../sim/two-gateways.js';

const EVERYTHING: Refusal = () => undefined;
const AH_SHA1: Protection = { protocol: 51, integrity: 'hmac-sha1-96' };

function plan(held: readonly SpdEntry[], policies: readonly IpsecPolicy[], refusal = EVERYTHING): PolicyPlan {
  const planned = planPolicies(held, policies, refusal);
  assert.ok(planned.ok, JSON.stringify(planned));
  return planned.value;
}

/** As the kernel would tell them after the plan was done. */
function after({ put }: PolicyPlan, held: readonly SpdEntry[] = []): readonly SpdEntry[] {
  return [...held, ...put.map((entry, at) => ({ ...entry, index: 8 * (at + 1) }))];
}

describe('the policies of a file in the SPD of Linux', () => {
  it('go in as the way out, in and through, with the ends of each direction and one request id', () => {
    const { put, own } = plan([], [tunnelPolicy('east')]);
    assert.deepEqual(
      put.map(({ direction, source, templates }) => [
        direction,
        source.addresses.begin,
        templates.map(({ protocol, mode, ends, requestId }) => [protocol, mode, ends?.source, requestId]),
      ]),
      [
        ['out', '10.1.0.0', [[50, 'tunnel', '192.0.2.1', FIRST_OWN_REQUEST_ID]]],
        ['in', '10.2.0.0', [[50, 'tunnel', '192.0.2.2', FIRST_OWN_REQUEST_ID]]],
        ['forward', '10.2.0.0', [[50, 'tunnel', '192.0.2.2', FIRST_OWN_REQUEST_ID]]],
      ],
    );
    assert.deepEqual([...own.keys()], [FIRST_OWN_REQUEST_ID]);
    assert.equal(own.get(FIRST_OWN_REQUEST_ID)?.origin?.requestId, FIRST_OWN_REQUEST_ID);
  });

  it('in transport mode have no way through and no ends', () => {
    const { put } = plan([], [{ ...tunnelPolicy('east'), mode: 'transport' }]);
    assert.deepEqual(
      put.map(({ direction, templates }) => [direction, templates[0]?.mode, templates[0]?.ends]),
      [
        ['out', 'transport', undefined],
        ['in', 'transport', undefined],
      ],
    );
  });

  it('with AH around ESP make the tunnel with ESP and put AH around it, in the kernel and in the SAs', () => {
    const policy = { ...tunnelPolicy('east'), proposals: [[AH_SHA1, AES128_SHA1]] };
    const { put } = plan([], [policy]);
    assert.deepEqual(
      put[0]?.templates.map(({ protocol, mode }) => [protocol, mode]),
      [
        [50, 'tunnel'],
        [51, 'transport'],
      ],
    );
    const bundle = [{ protocol: 51 }, { protocol: 50 }] as const;
    assert.equal(saMode({ mode: 'tunnel', protocol: 51, bundle }), 'transport');
    assert.equal(saMode({ mode: 'tunnel', protocol: 50, bundle }), 'tunnel');
  });

  it('stand in the order of the file', () => {
    const { put } = plan([], [otherPolicy('east'), tunnelPolicy('east')]);
    const outbound = put.filter(({ direction }) => direction === 'out');
    assert.deepEqual(
      outbound.map(({ source, priority }) => [source.addresses.begin, priority]),
      [
        ['10.3.0.0', FIRST_OWN_PRIORITY],
        ['10.1.0.0', FIRST_OWN_PRIORITY + 1],
      ],
    );
  });

  it('that stand already stay as they are, with their request ids, when others come and go', () => {
    const before = after(plan([], [tunnelPolicy('east'), otherPolicy('east')]));
    assert.deepEqual(plan(before, [tunnelPolicy('east'), otherPolicy('east')]).put, []);
    const { put, remove, own } = plan(before, [otherPolicy('east')]);
    assert.deepEqual([...own.keys()], [FIRST_OWN_REQUEST_ID + 1]);
    assert.deepEqual(
      remove.map(({ source }) => source.addresses.begin),
      ['10.1.0.0', '10.2.0.0', '10.2.0.0'],
    );
    // Its place in the file is another one now.
    assert.ok(put.every(({ priority }) => priority === FIRST_OWN_PRIORITY));
  });

  it('never take the place of what somebody else put there, and never remove it', () => {
    const [foreign] = after(plan([], [tunnelPolicy('east')])).map((entry) => ({
      ...entry,
      templates: entry.templates.map((template) => ({ ...template, requestId: 7 })),
    }));
    assert.ok(foreign !== undefined);
    const refused = planPolicies([foreign], [tunnelPolicy('east')], EVERYTHING);
    assert.match(refused.ok ? '' : refused.error, /Somebody else has a policy out 10\.1\.0\.0\/16/);
    assert.deepEqual(plan([foreign], []).remove, []);
  });

  it('lose the alternatives that the kernel cannot have, with the reason, and are refused when none is left', () => {
    const strong = { ...AES128_SHA1, integrity: 'hmac-sha2-256-128' } as const;
    const refusal: Refusal = (protection) =>
      protection.integrity === 'hmac-sha2-256-128' ? 'SHA-256 is cut short here.' : undefined;
    const { own, notes } = plan([], [tunnelPolicy('east', [strong, AES128_SHA1])], refusal);
    assert.deepEqual(own.get(FIRST_OWN_REQUEST_ID)?.proposals, [[AES128_SHA1]]);
    assert.deepEqual(notes, ['SHA-256 is cut short here.']);
    const refused = planPolicies([], [tunnelPolicy('east', [strong])], refusal);
    assert.match(
      refused.ok ? '' : refused.error,
      /out 10\.1\.0\.0\/16 -> 10\.2\.0\.0\/16.*SHA-256 is cut short/,
    );
  });

  it('are of one kind, and a second one for the same traffic is left out', () => {
    const mixed = { ...tunnelPolicy('east'), proposals: [[AES128_SHA1], [AH_SHA1]] };
    const { own, notes } = plan([], [mixed, tunnelPolicy('east')]);
    assert.deepEqual(own.get(FIRST_OWN_REQUEST_ID)?.proposals, [[AES128_SHA1]]);
    assert.equal(own.size, 1);
    assert.equal(notes.length, 2);
  });
});

describe('a policy that somebody else put into the SPD of Linux', () => {
  const entry: SpdEntry = {
    direction: 'out',
    index: 9,
    priority: 0,
    action: 'protect',
    source: { addresses: prefixRange('10.1.0.0', 16), port: 0 },
    destination: { addresses: prefixRange('10.2.0.0', 16), port: 80 },
    protocol: 6,
    templates: [
      {
        protocol: 50,
        mode: 'tunnel',
        ends: { source: '192.0.2.1', destination: '192.0.2.2' },
        requestId: 42,
        optional: false,
      },
    ],
  };
  const proposals = [[AES128_SHA1]];

  it('keeps its request id for the SAs, and is offered what its protocols are given', () => {
    const policy = policyOf(entry, (protocols) => {
      assert.deepEqual(protocols, [50]);
      return proposals;
    });
    assert.ok(policy.ok);
    assert.equal(policy.value.origin?.requestId, 42);
    assert.deepEqual(policy.value.outer, { local: '192.0.2.1', remote: '192.0.2.2' });
    assert.equal(policy.value.selectors.remote.port, 80);
  });

  it('is refused with the reason where IKE cannot serve it', () => {
    const template = { ...entry.templates[0], protocol: 108, mode: 'transport' } as const;
    const ipcomp = { ends: undefined, requestId: 0, ...template, optional: false };
    const refused = policyOf({ ...entry, templates: [ipcomp, ...entry.templates] }, () => proposals);
    assert.match(refused.ok ? '' : refused.error, /IP protocol 108/);
    const optional = policyOf(
      { ...entry, templates: [{ ...ipcomp, optional: true }, ...entry.templates] },
      () => proposals,
    );
    assert.ok(optional.ok);
    assert.match(policyOf(entry, () => []).ok ? '' : 'none', /none/);
  });
});
