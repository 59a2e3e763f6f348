/** Every payload codec, by generated values. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NO_BYTES } from '../../../services/bytes.js';
import { decodePayloads, encodePayloads } from '../../../services/isakmp/message.js';
import { encodeBody, type Payload, payloadType, verifyPayload } from '../../../services/isakmp/payload.js';
import { NAMED_CODECLESS, payload, PAYLOADS } from './arbitraries.js';

function decoded(payloads: readonly Payload[]) {
  const { first, bytes } = encodePayloads(payloads);
  const result = decodePayloads(first, bytes);
  assert(result.ok, result.ok ? '' : result.error.explanation);
  assert.equal(result.value.consumed, bytes.length);
  return result.value.payloads;
}

describe('payload codecs', () => {
  for (const [kind, arbitrary] of Object.entries<fc.Arbitrary<Payload>>(PAYLOADS)) {
    describe(kind, () => {
      it('verifies, and survives a round trip', () => {
        fc.assert(
          fc.property(arbitrary, (value) => {
            assert.equal(verifyPayload(value), undefined);
            assert.deepEqual(decoded([value]), [{ ...value, raw: encodeBody(value) }]);
          }),
        );
      });

      it('is an error when cut at any offset', () => {
        fc.assert(
          fc.property(arbitrary, (value) => {
            const { first, bytes } = encodePayloads([value]);
            for (let length = 0; length < bytes.length; length++) {
              assert(!decodePayloads(first, bytes.subarray(0, length)).ok, `cut to ${String(length)}`);
            }
          }),
          { numRuns: 40 },
        );
      });
    });
  }

  it('keep their order in a chain', () => {
    fc.assert(
      fc.property(fc.array(payload, { maxLength: 12 }), (values) => {
        assert.deepEqual(
          decoded(values),
          values.map((value) => ({ ...value, raw: encodeBody(value) })),
        );
      }),
    );
  });

  it('give inner structures their own errors when a body is cut and its length says so', () => {
    const inner = fc.oneof(PAYLOADS.SA, PAYLOADS.DELETE);
    fc.assert(
      fc.property(inner, (value) => {
        const body = encodeBody(value);
        for (let length = 1; length < body.length; length++) {
          const cut: Payload = { kind: 'UNKNOWN', type: payloadType(value), data: body.subarray(0, length) };
          const { first, bytes } = encodePayloads([cut]);
          const result = decodePayloads(first, bytes);
          // An SA payload that ends with its situation is well formed, and verify refuses it.
          if (value.kind === 'SA' && length === 8) assert(result.ok);
          else assert(!result.ok, `cut to ${String(length)} of ${String(body.length)}`);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('never throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 400 }), (first, bytes) => {
        const result = decodePayloads(first, bytes);
        if (result.ok) for (const value of result.value.payloads) verifyPayload(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('survive any single byte changed: a value that decodes is one that can be verified and written', () => {
    fc.assert(
      fc.property(payload, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, change) => {
        const { first, bytes } = encodePayloads([value]);
        const at = where % bytes.length;
        bytes[at] = (bytes[at] ?? 0) ^ change;
        const result = decodePayloads(first, bytes);
        if (!result.ok) return;
        for (const found of result.value.payloads) {
          verifyPayload(found);
          // Reserved fields are all that a value does not hold.
          if (found.reservedNotZero === undefined) assert.deepEqual(encodeBody(found), found.raw);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('keep payloads of types without a codec as they came', () => {
    for (const type of [...NAMED_CODECLESS, 23, 127, 128, 255]) {
      const value: Payload = { kind: 'UNKNOWN', type, data: Uint8Array.of(1, 2, 3) };
      assert.deepEqual(decoded([value, value]), [
        { ...value, raw: value.data },
        { ...value, raw: value.data },
      ]);
    }
  });

  it('read an empty chain as no payloads, with all bytes left over', () => {
    assert.deepEqual(decodePayloads(0, Uint8Array.of(1, 2, 3)), {
      ok: true,
      value: { payloads: [], consumed: 0 },
    });
    assert.deepEqual(encodePayloads([]), { first: 0, bytes: NO_BYTES });
  });
});
