import assert from 'node:assert/strict';
import type { Phase1Cipher } from '../../../services/algorithms.js';
import { parseIkeConfig } from '../../../services/config/ike-config.js';
import type { Transform } from '../../../services/isakmp/payloads/transform.js';
import { OAKLEY_ATTRIBUTE } from '../../../services/isakmp/registries/phase1-attributes.js';
import type { Rule } from '../../../services/policy/rule.js';
import { choosePhase1, comparePhase1 } from '../../../services/proposal/phase1-choice.js';
import {
  agreePhase1,
  basic,
  CIPHER_NUMBER,
  phase1Offer,
  readPhase1,
  surplusKeyLength,
} from '../../../services/proposal/phase1-suite.js';

function ruleOf(cipher: string, group = 2): Rule {
  const { config } = parseIkeConfig(
    `{ label "x" local_addr 192.0.2.1 remote_addr 192.0.2.2
       p1_xform { auth_method preshared oakley_group ${String(group)} auth_alg sha1 encr_alg ${cipher} } }`,
    'f',
  );
  const [rule] = config?.rules ?? [];
  assert.ok(rule);
  return rule;
}

/** An offer with the cipher and Key Length given, everything else as `ruleOf` has it. */
function offered(cipher: number, keyBits: number | undefined, group = 2): Transform {
  const attributes = [
    basic(OAKLEY_ATTRIBUTE.encryptionAlgorithm, cipher),
    basic(OAKLEY_ATTRIBUTE.hashAlgorithm, 2),
    basic(OAKLEY_ATTRIBUTE.authenticationMethod, 1),
    basic(OAKLEY_ATTRIBUTE.groupDescription, group),
  ];
  if (keyBits !== undefined) attributes.push(basic(OAKLEY_ATTRIBUTE.keyLength, keyBits));
  return { number: 1, id: 1, attributes };
}

function agreedBits(rule: string, cipher: Phase1Cipher, keyBits: number | undefined): number | undefined {
  const [accepted] = ruleOf(rule).transforms;
  assert.ok(accepted);
  return agreePhase1(readPhase1(offered(CIPHER_NUMBER[cipher], keyBits)), accepted)?.keyBits;
}

describe('a Phase 1 suite', () => {
  const AGREEMENTS: readonly (readonly [string, Phase1Cipher, number | undefined, number | undefined])[] = [
    ['des', 'des', undefined, 64],
    ['des', 'des', 56, 64],
    ['3des', '3des', undefined, 192],
    ['3des', '3des', 128, 192],
    ['3des', 'des', undefined, undefined],
    ['aes', 'aes', 128, 128],
    ['aes', 'aes', 192, 192],
    ['aes', 'aes', 256, 256],
    ['aes', 'aes', undefined, undefined],
    ['aes', 'aes', 0, undefined],
    ['aes', 'aes', 136, undefined],
    ['aes', 'aes', 512, undefined],
    ['aes(192..256)', 'aes', 128, undefined],
    ['blowfish', 'blowfish', undefined, 128],
    ['blowfish', 'blowfish', 40, 40],
    ['blowfish', 'blowfish', 136, 136],
    ['blowfish', 'blowfish', 448, 448],
    ['blowfish', 'blowfish', 0, undefined],
    ['blowfish', 'blowfish', 32, undefined],
    ['blowfish', 'blowfish', 130, undefined],
    ['blowfish', 'blowfish', 456, undefined],
  ];
  for (const [rule, cipher, bits, agreed] of AGREEMENTS) {
    const key = bits === undefined ? 'no Key Length' : `Key Length ${String(bits)}`;
    it(`of ${cipher} with ${key} under \`${rule}\` has ${agreed === undefined ? 'no key' : `${String(agreed)} bits`}`, () => {
      assert.equal(agreedBits(rule, cipher, bits), agreed);
    });
  }

  it('is offered with a Key Length only where the cipher has several: Blowfish with 128 bits, AES with each of the rule', () => {
    const lengths = (cipher: string) =>
      phase1Offer(ruleOf(cipher).transforms).map((transform) => readPhase1(transform).keyBits);
    assert.deepEqual(lengths('des'), [undefined]);
    assert.deepEqual(lengths('3des'), [undefined]);
    assert.deepEqual(lengths('blowfish'), [128]);
    assert.deepEqual(lengths('aes'), [256, 192, 128]);
    assert.deepEqual(lengths('aes(192)'), [192]);
  });

  it('keeps a Key Length that does not belong to the cipher, and says so', () => {
    assert.match(surplusKeyLength(offered(5, 192)) ?? '', /Key Length of 192 bits is ignored: 3DES-CBC/);
    assert.match(surplusKeyLength(offered(1, 56)) ?? '', /56 bits is ignored: DES-CBC/);
    for (const fine of [offered(1, undefined), offered(5, undefined), offered(7, 128), offered(3, 128)]) {
      assert.equal(surplusKeyLength(fine), undefined);
    }
  });

  it('that cannot be agreed on is compared attribute by attribute', () => {
    const proposals = [{ number: 1, protocol: 1, spi: new Uint8Array(0), transforms: [offered(3, 130)] }];
    const rule = ruleOf('blowfish');
    assert.equal(choosePhase1(proposals, [rule]), undefined);
    const [row] = comparePhase1(proposals, [rule]);
    assert.deepEqual(
      row?.attributes.filter(({ agrees }) => !agrees),
      [{ name: 'key bits', offered: '130', accepted: '40..448', agrees: false }],
    );
  });

  it('with an EC2N group is refused by the name of the group', () => {
    const proposals = [
      { number: 1, protocol: 1, spi: new Uint8Array(0), transforms: [offered(5, undefined, 4)] },
    ];
    const rule = ruleOf('3des');
    assert.equal(choosePhase1(proposals, [rule]), undefined);
    const [row] = comparePhase1(proposals, [rule]);
    assert.deepEqual(
      row?.attributes.filter(({ agrees }) => !agrees),
      [{ name: 'oakley_group', offered: 'EC2N 185', accepted: 'modp1024', agrees: false }],
    );
    assert.match(ruleOf('3des', 3).unusable ?? '', /group 3 \(EC2N 155\) is not built/);
  });
});
