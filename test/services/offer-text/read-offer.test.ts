/** Offers out of what people have: typed, of ike-scan, of a Cisco, of a capture. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concat, u16, u32 } from '../../../services/bytes.js';
import { addressBytes } from '../../../services/net/address.js';
import type { Offer } from '../../../services/offer-text/offer.js';
import { readOfferFile, readOfferText } from '../../../services/offer-text/read-offer.js';
import { readPhase1 } from '../../../services/proposal/phase1-suite.js';
import { CAPTURES } from '../isakmp/capture.js';

function read(text: string): Offer {
  const offer = readOfferText(text);
  assert.ok(offer.ok, offer.ok ? '' : `${offer.error.where}: ${offer.error.problem}`);
  assert.ok(offer.value.phase === 1, text);
  return offer.value;
}

function terms({ transforms }: Offer): readonly (readonly (number | undefined)[])[] {
  return transforms
    .map(readPhase1)
    .map(({ cipher, keyBits, hash, method, group }) => [cipher, keyBits, hash, method, group]);
}

function fault(text: string): string {
  const offer = readOfferText(text);
  assert.ok(!offer.ok, text);
  return `${offer.error.where}: ${offer.error.problem}`;
}

describe('a proposal that is typed', () => {
  it('is read with the names of strongSwan, libreswan and ike.config', () => {
    const wanted = [[7, 256, 4, 1, 14]];
    for (const text of [
      'aes256-sha256-modp2048-psk',
      'ike=aes256-sha2_256;modp2048-psk',
      'aes-256-sha2-256-dh14-preshared',
      'AES256-SHA256-MODP2048-PSK',
      'proposals = aes256-sha256-modp2048-psk',
    ])
      assert.deepEqual(terms(read(text)), wanted, text);
    assert.deepEqual(terms(read('3des-md5-modp1024-rsasig')), [[5, undefined, 1, 3, 2]]);
  });

  it('stands for each method when it names none, and says so', () => {
    const offer = read('aes128-sha1-modp1024');
    assert.deepEqual(
      terms(offer).map(([, , , method]) => method),
      [1, 3, 2, 4],
    );
    assert.match(offer.remarks.join(), /each way was tried/);
  });

  it('may be several, in their order', () => {
    assert.deepEqual(terms(read('aes256-sha1-modp2048-psk, 3des-sha1-modp1024-psk')), [
      [7, 256, 2, 1, 14],
      [5, undefined, 2, 1, 2],
    ]);
  });

  it('is refused with the word that is wrong', () => {
    assert.match(
      fault('aes128-sha1-modp9999'),
      /"modp9999" is no cipher, hash, group or method.*write cipher-hash-group/,
    );
    assert.match(fault('aes128-modp2048'), /names no hash/);
    assert.match(fault('sha1-modp2048'), /names no cipher/);
    assert.match(fault(''), /empty/);
    assert.match(fault('one\ntwo'), /several lines/);
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((text) => `crypto isakmp policy 1\n ${text}`),
        ),
        (text) => {
          readOfferText(text);
        },
      ),
    );
  });
});

describe('a line of ike-scan', () => {
  const LINE =
    '192.0.2.9\tMain Mode Handshake returned HDR=(CKY-R=5a) SA=(Enc=AES KeyLength=256 Hash=SHA2-256 Group=14:modp2048 Auth=PSK LifeType=Seconds LifeDuration(4)=0x00007080) VID=afcad713';

  it('gives the transform, the peer and the mode', () => {
    const offer = read(LINE);
    assert.deepEqual(terms(offer), [[7, 256, 4, 1, 14]]);
    assert.deepEqual([offer.peer, offer.mode], ['192.0.2.9', 'main']);
    assert.equal(offer.transforms.map(readPhase1)[0]?.lifetimeSeconds, 28_800);
  });

  it('is refused with the value that is not known', () => {
    assert.match(fault(LINE.replace('Enc=AES', 'Enc=ROT13')), /Enc=rot13 is not known/);
    assert.match(fault(LINE.replace('Auth=PSK', 'Auth=XAUTH')), /Auth=xauth is not known/);
  });
});

describe('a policy of a Cisco', () => {
  const IOS = `hostname r1
!
crypto isakmp policy 20
 encr 3des
 authentication pre-share
 group 2
crypto isakmp policy 10
 encr aes 256
 hash sha256
 authentication pre-share
 group 14
 lifetime 3600
!
crypto isakmp key secret address 0.0.0.0
interface Gi0/0
 ip address 192.0.2.9 255.255.255.0
`;

  it('is read out of a whole configuration, in the order of priority, with what IOS takes where it says nothing', () => {
    const offer = read(IOS);
    assert.deepEqual(terms(offer), [
      [7, 256, 4, 1, 14],
      [5, undefined, 2, 1, 2],
    ]);
    assert.deepEqual(offer.remarks, [
      'Policy 20 does not say hash: the values of IOS were taken (des, sha, rsa-sig, group 1).',
    ]);
  });

  it('of an ASA is read, too', () => {
    assert.deepEqual(
      terms(
        read(
          'crypto ikev1 policy 5\n authentication pre-share\n encryption aes-192\n hash sha\n group 5\n lifetime 86400\n',
        ),
      ),
      [[7, 192, 2, 1, 5]],
    );
  });

  it('is refused with its line', () => {
    assert.match(fault('crypto isakmp policy 1\n encr rot13\n'), /^line 2: "rot13" is no value of encr/);
    assert.match(
      fault('crypto isakmp policy 1\n colour red\n'),
      /^line 2: "colour" is not known in a policy/,
    );
  });
});

// Captures

function frameOf(datagram: Uint8Array, port: number, from = '192.0.2.7', to = '192.0.2.1'): Uint8Array {
  const marker = port === 4500 ? u32(0) : new Uint8Array(0);
  const udp = concat(
    u16(port),
    u16(port),
    u16(8 + marker.length + datagram.length),
    u16(0),
    marker,
    datagram,
  );
  const ip = concat(
    Uint8Array.of(0x45, 0),
    u16(20 + udp.length),
    u32(0),
    Uint8Array.of(64, 17),
    u16(0),
    addressBytes(from),
    addressBytes(to),
  );
  return concat(new Uint8Array(12), u16(0x0800), ip, udp);
}

const little = (value: number): Uint8Array => u32(value).reverse();

function pcap(frames: readonly Uint8Array[], number = little): Uint8Array {
  const head = concat(
    number(0xa1b2c3d4),
    number(0x00040002),
    number(0),
    number(0),
    number(65_535),
    number(1),
  );
  return concat(
    head,
    ...frames.map((frame) => concat(number(0), number(0), number(frame.length), number(frame.length), frame)),
  );
}

function block(type: number, body: Uint8Array): Uint8Array {
  const padded = concat(body, new Uint8Array((4 - (body.length % 4)) % 4));
  return concat(little(type), little(12 + padded.length), padded, little(12 + padded.length));
}

function pcapng(frames: readonly Uint8Array[]): Uint8Array {
  const section = concat(little(0x1a2b3c4d), Uint8Array.of(1, 0, 0, 0), new Uint8Array(8).fill(0xff));
  const face = concat(Uint8Array.of(1, 0, 0, 0), little(0));
  return concat(
    block(0x0a0d0d0a, section),
    block(1, face),
    ...frames.map((frame) =>
      block(6, concat(little(0), little(0), little(0), little(frame.length), little(frame.length), frame)),
    ),
  );
}

describe('a capture', () => {
  const [main, aggressive] = ['main-psk-tunnel-pfs', 'aggressive-psk'].map((name) => {
    const found = CAPTURES.find((capture) => capture.name === name);
    assert.ok(found, name);
    return found.messages.map(({ datagram }) => datagram);
  });
  assert.ok(main && aggressive);

  it('gives the first message, in all forms of file', () => {
    for (const file of [
      pcap(main.map((datagram) => frameOf(datagram, 500))),
      pcap(
        main.map((datagram) => frameOf(datagram, 500)),
        u32,
      ),
      pcap(main.map((datagram) => frameOf(datagram, 4500))),
      pcapng([new Uint8Array(60), ...main.map((datagram) => frameOf(datagram, 500))]),
    ]) {
      const offer = readOfferFile(file);
      assert.ok(offer.ok && offer.value.phase === 1, offer.ok ? '' : offer.error.problem);
      const { peer, local, mode, transforms } = offer.value;
      assert.deepEqual([peer, local, mode], ['192.0.2.7', '192.0.2.1', 'main']);
      assert.ok(transforms.length > 0);
      assert.equal(transforms.map(readPhase1)[0]?.method, 1);
    }
  });

  it('knows Aggressive Mode, and counts the others', () => {
    const frames = [...aggressive, ...main].map((datagram) => frameOf(datagram, 500));
    const offer = readOfferFile(pcap(frames));
    assert.ok(offer.ok && offer.value.phase === 1);
    assert.equal(offer.value.mode, 'aggressive');
    assert.match(offer.value.remarks.join(), /1 more begin after it/);
  });

  it('without a first message is refused, and says what to do', () => {
    const offer = readOfferFile(pcap(main.slice(1).map((datagram) => frameOf(datagram, 500))));
    assert.ok(!offer.ok);
    assert.match(offer.error.problem, /capture from the beginning of a negotiation/);
    const noise = readOfferFile(Uint8Array.of(1, 0, 2, 3));
    assert.ok(!noise.ok);
    assert.match(noise.error.problem, /neither a capture/);
  });

  it('that is cut or changed anywhere makes nothing throw', () => {
    const whole = pcapng(main.slice(0, 2).map((datagram) => frameOf(datagram, 500)));
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (end, at, value) => {
        const broken = Uint8Array.from(whole);
        broken[at] = value;
        readOfferFile(broken.subarray(0, end));
      }),
    );
  });
});
