/** Phase 2 out of what people have: typed as strongSwan, libreswan, ipsecconf(8) and a Cisco write it, captured, recorded. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { pcapFile } from '../../../services/record/capture.js';
import { udpPacket } from '../../../adapters/kernel/embedded/ip-packet.js';
import { capturedDatagrams } from '../../../services/record/capture.js';
import { formatRange } from '../../../services/net/address.js';
import type { TrafficSelectors } from '../../../services/ports/kernel.js';
import type { Phase2Offer } from '../../../services/offer-text/phase2-offer.js';
import { type AnyOffer, readOfferFile, readOfferText } from '../../../services/offer-text/read-offer.js';
import { readTrafficSide } from '../../../services/offer-text/traffic-text.js';
import { readPhase2 } from '../../../services/proposal/phase2-agreement.js';
import { read, recorded, savedText } from '../../sim/recorded-pair.js';
import { runUntil } from '../../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../../sim/two-gateways.js';

function phase2(offer: AnyOffer): Phase2Offer {
  assert.ok(offer.phase === 2);
  return offer;
}

function typed(text: string, wanted?: 2): Phase2Offer {
  const offer = readOfferText(text, wanted);
  assert.ok(offer.ok, offer.ok ? '' : `${text}: ${offer.error.where}: ${offer.error.problem}`);
  return phase2(offer.value);
}

/** Number, protocol, transform, key bits, integrity, group; one for each transform. */
function terms({ proposals }: Phase2Offer) {
  return proposals.flatMap(({ number, protocol, transforms }) =>
    transforms.map((transform) => {
      const { id, keyBits, integrity, group } = readPhase2(transform);
      return [number, protocol, id, keyBits, integrity, group];
    }),
  );
}

function fault(text: string, wanted?: 2): string {
  const offer = readOfferText(text, wanted);
  assert.ok(!offer.ok, text);
  return `${offer.error.where}: ${offer.error.problem}`;
}

function words(traffic: TrafficSelectors | undefined): string {
  assert.ok(traffic);
  const { local, remote, protocol } = traffic;
  return [
    formatRange(local.addresses),
    local.port,
    formatRange(remote.addresses),
    remote.port,
    protocol,
  ].join(' ');
}

describe('a Phase 2 proposal that is typed', () => {
  it('is read with the names of strongSwan and libreswan', () => {
    for (const [text, wanted] of [
      ['esp=aes256-sha256-modp2048', [1, 3, 12, 256, 5, 14]],
      ['esp_proposals = AES256-SHA2_256-dh14', [1, 3, 12, 256, 5, 14]],
      ['phase2alg=aes_256-sha2_256;modp2048', [1, 3, 12, 256, 5, 14]],
      ['esp=aes-256-sha2-256-modp2048', [1, 3, 12, 256, 5, 14]],
      ['esp=3des-md5', [1, 3, 3, undefined, 1, 0]],
      ['esp=aes128gcm16', [1, 3, 20, 128, undefined, 0]],
      ['esp=aes256gcm128-modp2048', [1, 3, 20, 256, undefined, 14]],
      ['esp=aes256gcm8', [1, 3, 18, 256, undefined, 0]],
      ['esp=aes_gcm256-null', [1, 3, 20, 256, undefined, 0]],
      ['esp=aes_gcm_c_256', [1, 3, 20, 256, undefined, 0]],
      ['esp=aes_gcm', [1, 3, 20, 128, undefined, 0]],
      ['esp=aes256ctr-sha512', [1, 3, 13, 256, 7, 0]],
      ['esp=aes_ctr256-sha1', [1, 3, 13, 256, 2, 0]],
      ['esp=aes256ccm16', [1, 3, 16, 256, undefined, 0]],
      ['esp=camellia256-sha1', [1, 3, 22, 256, 2, 0]],
      ['esp=null-sha2_256_truncbug', [1, 3, 11, undefined, 5, 0]],
      ['ah=sha256-modp1024', [1, 2, 5, undefined, 5, 2]],
    ] as const)
      assert.deepEqual(terms(typed(text)), [wanted], text);
  });

  it('may go without its key where it was said that Phase 2 is meant, and be several', () => {
    assert.deepEqual(terms(typed('aes128-sha1, 3des-sha1-modp1024', 2)), [
      [1, 3, 12, 128, 2, 0],
      [2, 3, 3, undefined, 2, 2],
    ]);
    assert.match(typed('esp=aes128-sha1').remarks.join(), /offers no PFS/);
  });

  it('is read with the lines around it, the other end seen from there', () => {
    const offer = typed(`children {
      net {
        local_ts = 10.2.0.0/16
        remote_ts = 10.1.0.0/16[tcp/80]
        esp_proposals = aes128-sha1
        mode = transport
        life_time = 1h
        start_action = trap
      }
    }`);
    assert.equal(words(offer.traffic), '10.1.0.0/16 80 10.2.0.0/16 0 6');
    const [transform] = offer.proposals.flatMap(({ transforms }) => transforms);
    assert.ok(transform);
    assert.equal(readPhase2(transform).mode, 2);
    assert.equal(readPhase2(transform).lifetimeSeconds, 3600);
    assert.match(offer.remarks.join(), /Not looked at: start_action/);
  });

  it('of libreswan says what pfs=yes without a group means, and pfs=no takes the group away', () => {
    assert.match(typed('esp=aes128-sha1\npfs=yes').remarks.join(), /takes that of Phase 1/);
    assert.deepEqual(terms(typed('esp=aes128-sha1;modp2048\npfs=no')), [[1, 3, 12, 128, 2, 0]]);
    assert.deepEqual(terms(typed('phase2=ah\nphase2alg=sha1')), [[1, 2, 3, undefined, 2, 0]]);
  });

  it('is refused with the word that is wrong', () => {
    assert.match(
      fault('esp=aes128-frob'),
      /"aes128-frob": "frob" is no cipher, integrity algorithm or group/,
    );
    assert.match(fault('esp=aes128'), /names no integrity algorithm; write esp=/);
    assert.match(fault('esp=sha1'), /names no cipher/);
    assert.match(fault('ah=aes128'), /"aes128" is no integrity algorithm or group/);
    assert.match(fault('esp=aes128-sha1-esn'), /IKEv2/);
    assert.match(fault('esp=aes128-sha1\nah=sha1'), /line 2: it names proposals twice/);
    assert.match(fault('esp=aes128-sha1\nmode=beet'), /line 2: the mode is tunnel or transport, not beet/);
    assert.match(fault('esp=aes128-sha1\nlocal_ts=10.0.0.0/8'), /that of this host is missing/);
    assert.match(fault('SA=(Enc=3DES Hash=SHA1 Auth=PSK Group=2:modp1024)', 2), /Phase 1 only/);
    assert.match(fault('crypto isakmp policy 10', 2), /no "crypto ipsec transform-set"/);
    assert.match(fault(' ', 2), /it is empty/);
  });
});

describe('the keywords of our own files', () => {
  it('are read as the policy file reads them', () => {
    assert.deepEqual(terms(typed('encr_algs aes(256) encr_auth_algs sha256 p2_pfs 14')), [
      [1, 3, 12, 256, 5, 14],
    ]);
    assert.deepEqual(
      terms(typed('ipsec { encr_algs aes-gcm(128) } or ipsec { auth_algs sha1 encr_algs 3des }')),
      [
        [1, 3, 20, 128, undefined, 0],
        [2, 2, 3, undefined, 2, 0],
        [2, 3, 3, undefined, undefined, 0],
      ],
    );
    const [transform] = typed(
      'encr_algs 3des encr_auth_algs md5 p2_lifetime_secs 600 p2_lifetime_kb 9',
    ).proposals.flatMap(({ transforms }) => transforms);
    assert.ok(transform);
    const { lifetimeSeconds, lifetimeKb, mode } = readPhase2(transform);
    assert.deepEqual([lifetimeSeconds, lifetimeKb, mode], [600, 9, undefined]);
  });

  it('are refused as there', () => {
    assert.match(fault('encr_algs rot13'), /`rot13` is no ESP cipher/);
    assert.match(fault('p2_pfs 14'), /names no algorithm/);
    assert.match(fault('encr_algs aes p2_pfs 99x'), /"99x" is no group of p2_pfs/);
    assert.match(fault('encr_algs aes p2_frob 1'), /"p2_frob" is no keyword of Phase 2/);
    assert.match(fault('encr_algs aes encr_auth_algs sha1 p2_lifetime_secs x'), /"x" is no value/);
  });
});

const IOS = `
crypto isakmp policy 10
 encr aes
 authentication pre-share
 group 2
!
crypto ipsec transform-set STRONG esp-aes 256 esp-sha256-hmac
 mode tunnel
crypto ipsec transform-set OLD ah-sha-hmac esp-3des
 mode transport
!
crypto map OUT 10 ipsec-isakmp
 set peer 192.0.2.1
 set security-association lifetime seconds 1800
 set transform-set STRONG OLD
 set pfs group14
 match address 110
crypto map OUT 20 ipsec-isakmp
 set peer 192.0.2.9
 set transform-set OLD
!
access-list 110 permit ip 10.2.0.0 0.0.255.255 10.1.0.0 0.0.255.255
access-list 110 permit tcp host 10.9.0.1 any eq 80
`;

describe('a configuration of a Cisco', () => {
  it('gives the transform sets of its first crypto map, with PFS, lifetimes and access list', () => {
    const offer = typed(IOS, 2);
    assert.deepEqual(terms(offer), [
      [1, 3, 12, 256, 5, 14],
      [2, 2, 3, undefined, 2, 14],
      [2, 3, 3, undefined, undefined, 14],
    ]);
    const transforms = offer.proposals.flatMap((proposal) => proposal.transforms).map(readPhase2);
    assert.deepEqual(
      transforms.map(({ mode, lifetimeSeconds, lifetimeKb }) => [mode, lifetimeSeconds, lifetimeKb]),
      [
        [1, 1800, 4_608_000],
        [2, 1800, 4_608_000],
        [2, 1800, 4_608_000],
      ],
    );
    assert.equal(offer.local, '192.0.2.1');
    assert.equal(words(offer.traffic), '10.1.0.0/16 0 10.2.0.0/16 0 0');
    assert.match(offer.remarks.join(), /crypto map OUT 10: transform sets STRONG, OLD. 1 more/);
    assert.match(offer.remarks.join(), /2 entries: the first was taken/);
  });

  it('that has both phases is read for Phase 1, and says how to ask about the other', () => {
    const offer = readOfferText(IOS);
    assert.ok(offer.ok);
    assert.equal(offer.value.phase, 1);
    assert.match(offer.value.remarks.join(), /add "mode quick"/);
  });

  it('may be transform sets alone, with "set pfs" beside them', () => {
    const text =
      'crypto ipsec transform-set A esp-aes esp-sha-hmac\ncrypto ipsec transform-set B esp-gcm 256\nset pfs group5';
    assert.deepEqual(terms(typed(text)), [
      [1, 3, 12, 128, 2, 5],
      [2, 3, 20, 256, undefined, 5],
    ]);
    assert.match(typed('crypto ipsec transform-set A esp-sha512-hmac').remarks.join(), /no PFS/);
  });

  it('of an ASA has its settings behind the name', () => {
    const offer = typed(`access-list VPN extended permit ip 10.2.0.0 255.255.0.0 host 10.1.0.5
crypto ipsec ikev1 transform-set A esp-aes-256 esp-sha-hmac
crypto ipsec ikev1 transform-set A mode transport
crypto map OUT 5 match address VPN
crypto map OUT 5 set pfs group2
crypto map OUT 5 set peer 192.0.2.1
crypto map OUT 5 set ikev1 transform-set A`);
    assert.deepEqual(terms(offer), [[1, 3, 12, 256, 2, 2]]);
    assert.equal(words(offer.traffic), '10.1.0.5 0 10.2.0.0/16 0 0');
  });

  it('is refused with the line that is wrong', () => {
    assert.match(fault('crypto ipsec transform-set A esp-frob'), /line 1: "esp-frob" is no transform/);
    assert.match(fault('crypto ipsec transform-set A comp-lzs'), /compresses/);
    assert.match(
      fault('crypto ipsec transform-set A esp-des esp-md5-hmac\nset pfs group99x'),
      /line 2: "group99x" is no group/,
    );
    assert.match(
      fault('crypto ipsec transform-set A esp-des\ncrypto map M 1 ipsec-isakmp\n set transform-set B'),
      /crypto map M 1: transform-set B is not in the text/,
    );
  });
});

describe('whatever is typed', () => {
  it('nothing throws', () => {
    const words = fc.constantFrom(
      ...['esp=', 'ah', 'aes', '128', 'gcm', '-', ';', ',', '\n', ' ', 'crypto ipsec transform-set A'],
      ...['esp-aes', 'set pfs', 'permit ip', 'ipsec {', '}', 'encr_algs', 'p2_pfs', '[tcp/', '10.0.0.0', '/'],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(words, fc.string({ maxLength: 3 }))).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (typedText) => {
        readOfferText(typedText, 2);
        readOfferText(typedText);
        readTrafficSide(typedText);
      }),
    );
  });
});

describe('traffic that is typed', () => {
  it('is an address, a prefix or a range, perhaps with protocol and port', () => {
    for (const [text, wanted] of [
      ['10.1.0.0/16', '10.1.0.0/16 0 0'],
      ['10.1.0.5', '10.1.0.5 0 0'],
      ['10.1.0.1-10.1.0.3', '10.1.0.1 - 10.1.0.3 0 0'],
      ['2001:db8::/32[udp]', '2001:db8::/32 17 0'],
      ['10.1.0.0/16[tcp/80]', '10.1.0.0/16 6 80'],
      ['10.1.0.0/16[47]', '10.1.0.0/16 47 0'],
    ] as const) {
      const side = readTrafficSide(text);
      assert.ok(side.ok, text);
      const { addresses, protocol, port } = side.value;
      assert.equal(`${formatRange(addresses)} ${String(protocol)} ${String(port)}`, wanted);
    }
  });

  it('is refused with what is wrong', () => {
    for (const [text, wanted] of [
      ['frob', /"frob" is no address; write/],
      ['10.1.0.0/33', /"33" is no prefix length/],
      ['10.1.0.9-10.1.0.1', /ends before it begins/],
      ['10.1.0.9-::1', /"::1" ends no range/],
      ['10.1.0.0/16[frob]', /names no IP protocol/],
      ['10.1.0.0/16[tcp/99999]', /no port/],
    ] as const) {
      const side = readTrafficSide(text);
      assert.ok(!side.ok, text);
      assert.match(side.error, wanted);
    }
  });
});

describe('a recording, and what was made of it', () => {
  let text = '';

  before(async () => {
    const west = recorded(gatewayPlan('west', { words: { pfs: 14 } }));
    const pair = await startPair(3, gatewayPlan('east', { words: { pfs: 14 } }), west.plan);
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 3000);
    text = savedText(west.recorder(), pair.west, 'p1-1');
  });

  function bytesOf(opened: boolean): Uint8Array {
    return pcapFile(
      capturedDatagrams(read(text), opened).map(({ at, from, to, bytes }) => ({
        at,
        bytes: udpPacket(from.address, to.address, from.port, to.port, bytes),
      })),
    );
  }

  it('give the Quick Mode with its traffic, seen from who was asked', () => {
    for (const file of [Buffer.from(text), bytesOf(true)]) {
      const read = readOfferFile(file, 2);
      assert.ok(read.ok, read.ok ? '' : read.error.problem);
      const offer = phase2(read.value);
      assert.deepEqual([offer.peer, offer.local], ['192.0.2.1', '192.0.2.2']);
      assert.equal(words(offer.traffic), '10.2.0.0/16 0 10.1.0.0/16 0 0');
      assert.deepEqual(terms(offer), [[1, 3, 12, 128, 2, 14]]);
    }
  });

  it('give Phase 1 where nothing else is said, and mention the other', () => {
    const offer = readOfferFile(Buffer.from(text));
    assert.ok(offer.ok);
    assert.equal(offer.value.phase, 1);
    assert.match(offer.value.remarks.join(), /add "mode quick"/);
  });

  it('that is encrypted says so, and where what was said can be had', () => {
    const sealed = readOfferFile(bytesOf(false), 2);
    assert.ok(!sealed.ok);
    assert.match(sealed.error.problem, /only the keys of Phase 1 open it.*"keys FILE".*ikeadm record save/);
  });

  it('that is broken is refused with the line', () => {
    const broken = readOfferFile(Buffer.from(text.split('\n').slice(0, 3).join('\n')), 2);
    assert.ok(!broken.ok);
    assert.match(broken.error.where, /^line \d+$/);
  });
});
