/**
 * Public-key encryption tells nothing of what a ciphertext held (Felsch et al., USENIX Security 2018): whatever is wrong
 * with it, the responder says the same and its chart goes the same way as when everything was well formed but the
 * proof.
 */
import assert from 'node:assert/strict';
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { parseCertificate } from '../../services/certs/certificate.js';
import { decodeHeader, HEADER_LENGTH } from '../../services/isakmp/header.js';
import { decodePayloads, encodeMessage } from '../../services/isakmp/message.js';
import { encodeBody, type Payload } from '../../services/isakmp/payload.js';
import { PAYLOAD } from '../../services/isakmp/registries/payload-types.js';
import type { Crypto } from '../../services/ports/crypto.js';
import { boundCrypto } from './bound-crypto.js';
import { certificatePlan } from './certificate-gateways.js';
import { authority } from './certificates.js';
import { assertClean } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import type { SentDatagram } from './simulated-network.js';
import { EAST, packetToWest, type Pair, startPair, WEST } from './two-gateways.js';

const EXPIRY_MS = 400_000;
const MODULUS = 128;

type Change = (payload: Payload) => Uint8Array | undefined;

const west = await (async () => {
  const { issued } = await authority();
  const der = issued.get('west-rsa')?.der ?? new Uint8Array(0);
  const certificate = parseCertificate(der);
  if (!certificate.ok) throw new Error(certificate.error);
  return createPublicKey({ key: Buffer.from(certificate.value.publicKey), format: 'der', type: 'spki' });
})();

/** RSA of a block that says anything, well padded or not. */
function raw(block: Uint8Array): Uint8Array {
  return publicEncrypt({ key: west, padding: constants.RSA_NO_PADDING }, block);
}

function padded(content: Uint8Array): Uint8Array {
  return publicEncrypt({ key: west, padding: constants.RSA_PKCS1_PADDING }, content);
}

function block(...head: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(MODULUS).fill(0x55);
  bytes.set(head);
  return bytes;
}

const NAME = encodeBody({
  kind: 'ID',
  idType: 2,
  protocol: 0,
  port: 0,
  data: new TextEncoder().encode('stranger.example'),
});

const nonce =
  (bytes: Uint8Array): Change =>
  (payload) =>
    payload.kind === 'NONCE' ? bytes : undefined;
const identity =
  (bytes: Uint8Array): Change =>
  (payload) =>
    payload.kind === 'ID' ? bytes : undefined;

const CHANGES: Readonly<Record<string, Change>> = {
  'a nonce that is another one, well padded': nonce(padded(new Uint8Array(20).fill(7))),
  'a nonce with a wrong first byte': nonce(raw(block(1, 2))),
  'a nonce of block type 1': nonce(raw(block(0, 1))),
  'a nonce without a separator': nonce(raw(block(0, 2))),
  'a nonce with a zero in the first eight bytes of its padding': nonce(raw(block(0, 2, 1, 1, 0))),
  'a nonce of one byte': nonce(padded(Uint8Array.of(1))),
  'a nonce that is no number below the modulus': nonce(new Uint8Array(MODULUS).fill(0xff)),
  'a nonce of the wrong length': nonce(new Uint8Array(MODULUS - 1).fill(1)),
  'an identity that is nobody we know, well padded': identity(padded(NAME)),
  'an identity that is none, well padded': identity(padded(new Uint8Array(30).fill(0xee))),
  'an identity of block type 1': identity(raw(block(0, 1))),
  'an identity without a separator': identity(raw(block(0, 2))),
};

/** The first message of east that carries sealed payloads, with one of them changed. */
function changed(datagram: SentDatagram, change: Change): Uint8Array | undefined {
  const header = decodeHeader(datagram.bytes);
  if (!header.ok || header.value.flags !== 0) return undefined;
  const chain = decodePayloads(header.value.nextPayload, datagram.bytes.subarray(HEADER_LENGTH));
  if (!chain.ok || !chain.value.payloads.some(({ kind }) => kind === 'KE')) return undefined;
  const payloads = chain.value.payloads.map((payload): Payload => {
    const data = change(payload) ?? payload.raw;
    const sealed = payload.kind === 'NONCE' || payload.kind === 'ID';
    const type = payload.kind === 'NONCE' ? PAYLOAD.nonce : PAYLOAD.identification;
    return sealed ? { kind: 'UNKNOWN', type, data } : payload;
  });
  return encodeMessage(header.value, payloads);
}

async function attack(
  mode: 'main' | 'aggressive',
  prepare: (pair: Pair) => void,
  eastCrypto: (crypto: Crypto) => Crypto = (crypto) => crypto,
): Promise<Pair> {
  const made = await authority();
  const plan = (end: 'east' | 'west') => ({
    ...certificatePlan(end, made, { method: 'rsa_encrypt', mode }),
    watched: true,
  });
  const pair = await startPair(3, { ...plan('east'), crypto: eastCrypto }, plan('west'));
  prepare(pair);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => false, EXPIRY_MS);
  assertClean(pair, mode);
  assert.equal(pair.west.engine.table.phase1Count, 0);
  return pair;
}

function alter(change: Change) {
  return ({ network }: Pair): void => {
    const sent = new WeakSet<Uint8Array>();
    network.filter = (datagram) => {
      if (datagram.from.address !== EAST || sent.has(datagram.bytes)) return 'pass';
      const bytes = changed(datagram, change);
      if (bytes === undefined) return 'pass';
      sent.add(bytes);
      network.send(datagram.from, datagram.to, bytes);
      return 'drop';
    };
  };
}

/** What west says, as far as it is not random: when, how long, and which payloads. */
function answers({ network }: Pair): readonly unknown[] {
  return network.sent
    .filter(({ from }) => from.address === WEST)
    .map(({ at, bytes }) => {
      const header = decodeHeader(bytes);
      assert.ok(header.ok);
      const { exchangeType, flags, nextPayload } = header.value;
      const chain = decodePayloads(nextPayload, bytes.subarray(HEADER_LENGTH));
      const lengths = chain.ok ? chain.value.payloads.map(({ raw: body }) => body.length) : [];
      return [at, bytes.length, exchangeType, flags, nextPayload, lengths];
    });
}

/** The edges that west's chart took. */
function steps({ west: daemon }: Pair): readonly string[] {
  return daemon.events.flatMap((event) => (event.type === 'negotiation.transition' ? event.edges : []));
}

describe('public-key encryption is no oracle', function () {
  this.timeout(60_000);
  for (const mode of ['main', 'aggressive'] as const) {
    // Everything is well formed and the keys are the attacker's own: only the proof cannot be right.
    let reference: Pair;
    before(async () => {
      reference = await attack(mode, alter(nonce(padded(new Uint8Array(20).fill(9)))));
    });

    for (const [what, change] of Object.entries(CHANGES)) {
      it(`in ${mode} mode: ${what} gets the same answers, by the same steps, as a wrong proof`, async () => {
        const pair = await attack(mode, alter(change));
        assert.deepEqual(answers(pair), answers(reference));
        assert.deepEqual(steps(pair), steps(reference));
        assert.ok(answers(pair).length >= (mode === 'main' ? 2 : 1));
      });
    }

    it(`in ${mode} mode: a HASH that is wrong under right keys gets the same answers`, async () => {
      // In Aggressive Mode the first MAC of the initiator is the one it expects of the responder.
      const own = mode === 'main' ? 1 : 2;
      const pair = await attack(
        mode,
        () => undefined,
        (crypto) => {
          let macs = 0;
          return {
            ...boundCrypto(crypto),
            mac: (...args) => {
              const mac = crypto.mac(...args);
              return ++macs === own ? mac.map((byte) => byte ^ 1) : mac;
            },
          };
        },
      );
      assert.deepEqual(answers(pair), answers(reference));
    });
  }
});
