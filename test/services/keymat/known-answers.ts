/**
 * Known answers for every hash, from one set of inputs. Computed from RFC 2409 5, 5.5 and appendix B with Python's
 * hashlib and hmac, that is with none of this program's code.
 */
import type { HashAlgorithm } from '../../../services/algorithms.js';
import { fromHex } from '../../../services/bytes.js';

function counted(length: number, step: number, start: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (step * index + start) & 0xff);
}

export const INPUTS = {
  presharedKey: new TextEncoder().encode('correct horse'),
  initiatorNonce: counted(32, 1, 0x10),
  responderNonce: counted(20, 1, 0x80),
  initiatorCookie: fromHex('0102030405060708'),
  responderCookie: fromHex('a1a2a3a4a5a6a7a8'),
  /** Begins with a zero, which must not be dropped. */
  sharedSecret: Uint8Array.from([0, ...counted(127, 7, 10)]),
  initiatorPublic: counted(128, 5, 1),
  responderPublic: counted(128, 11, 9),
  saBody: fromHex('00000001000000010000002c'),
  idBody: fromHex('011101f4c0a80001'),
  rest: fromHex('0a00000c0102030405060708'),
  messageId: 0xdeadbeef,
  pfsSecret: counted(192, 13, 0),
  spi: fromHex('c0ffee01'),
};

interface Answers {
  readonly skeyid: string;
  readonly skeyidD: string;
  readonly skeyidA: string;
  readonly skeyidE: string;
  readonly key3des: string;
  readonly keyAes128: string;
  readonly keyAes192: string;
  readonly keyAes256: string;
  /** 16 bytes; shorter blocks take the front. */
  readonly phase1Iv: string;
  /** From those 16 bytes as the last block. */
  readonly phase2Iv: string;
  readonly hashI: string;
  readonly hashR: string;
  readonly hash1: string;
  readonly hash2: string;
  readonly hash3: string;
  /** ESP, 24 bytes of encryption key, 20 of integrity key. */
  readonly esp: string;
  /** ESP with perfect forward secrecy, 32 and 64 bytes. */
  readonly espPfs: string;
  /** AH, 20 bytes. */
  readonly ah: string;
}

export const ANSWERS: Readonly<Record<HashAlgorithm, Answers>> = {
  md5: {
    skeyid: '31214daf6085a9906defe998cc1ca27f',
    skeyidD: '5384e85fb3a98b5e183d018b8f4b3ee0',
    skeyidA: '733b937d7e7c51b31b37cff7d3d5b127',
    skeyidE: '8ba6612ec2388f00153e1d220ad625f1',
    key3des: 'f6f9ccdb2f84132c3668de9dcfba6ac62985246e1a2c9db5',
    keyAes128: '8ba6612ec2388f00153e1d220ad625f1',
    keyAes192: 'f6f9ccdb2f84132c3668de9dcfba6ac62985246e1a2c9db5',
    keyAes256: 'f6f9ccdb2f84132c3668de9dcfba6ac62985246e1a2c9db5ff9a4e419786c05d',
    phase1Iv: 'a5cb9c91bc84a99495aad63824eb40b6',
    phase2Iv: 'c6f4f3c170fcb7d864cb0da93772d3d3',
    hashI: '9d92d2c0615d39d8d9bddbe2ee8c2899',
    hashR: 'aa53f0398bc3ec304ca8f04b9f2d0eca',
    hash1: 'a343e14bac590e1905c28dfa975310ee',
    hash2: 'b65d69cca6ac638164c4859a2bdec967',
    hash3: '344ffe734451b3f8f5e09651e20a1b18',
    esp: '5a984f0307dcbba9084dfbfce12ab4bd1e70e27909b57148efe308d33d304f61a71fe6d83eb9942da1638a02',
    espPfs:
      '19ce1be4563b9a224d5a7910d73e708d46987736f41ae0d51ea88159f20e2b1e7d782d109bb25cd5775d1435c0493775' +
      'b9e2c72adc21ae61d9c07462215be89a10e888e0bfc1c0eac613e66b2ff69234b9af1ac89360e82307078eaa5e4f019b',
    ah: '6f3136682ab41b20a8873dee291fffa4b7cafeb9',
  },
  sha1: {
    skeyid: 'c94c529136d2d5cf69da705cc85d8b52f6481df4',
    skeyidD: 'ef0f6514cf8b1b539368f13c3eb10eafa04395a4',
    skeyidA: '716615d93a694fb4cc2386e4c6ac924b676ca098',
    skeyidE: '46b01ae40fc7e860861d841e687d7d5e8c4392e8',
    key3des: '7ef5d3e810abe5a9b2ab6f7b9ca1298ced94ae396f70936b',
    keyAes128: '46b01ae40fc7e860861d841e687d7d5e',
    keyAes192: '7ef5d3e810abe5a9b2ab6f7b9ca1298ced94ae396f70936b',
    keyAes256: '7ef5d3e810abe5a9b2ab6f7b9ca1298ced94ae396f70936b8556e8ed6ad7f759',
    phase1Iv: 'd118e046b45a29556c9b42bff2eca143',
    phase2Iv: '81e1e9691708e0d85029d5778d7022dc',
    hashI: '2c5c3f6fa549dcf6eca82e525b032fac3a6a8e86',
    hashR: 'ca4e70aad671534cf6638957ef3fb6eaf6c6c673',
    hash1: 'c52b7f9c0b33e6cfd9ee264f77005c63f7313c07',
    hash2: '7384a5f9ad07fd34d446b60601b5e00b7a02e7ae',
    hash3: '1fd5349d2028d1a032011fe1cd9e0ab660e7c72c',
    esp: '109a47a46ec34cbc561ef9e529903029755aecca4a5689f4357f8441ce2a9725b996c1b8604b16fd4334b520',
    espPfs:
      '99a898f666661e126d7950038ca3fdbd09040a98ed8b4958f45d9d2ab12da3fe1171640fd06cd138e107eabd2ed198d6' +
      '60cddcdb31de519ca874af91aa1f7b3c5be06f6457bdc2021644b412796a0cbefc8b5fb94d5fda73dc74703b47224839',
    ah: 'f238d8a416a1ac7ff32656b6a6c680f510d499dd',
  },
  sha256: {
    skeyid: '322441fe8f6faa5f0671efde3f8dbf859a6d400035f3fd0f8b32603f4ac0986d',
    skeyidD: '6cf40118c0fe1f211f6bb3013fdafb96cdfb6a84a5f26f7e8c6671ab48c73187',
    skeyidA: 'd3d70227012b8ef3afed086d862e63443895d745ea7956c6ad3794bc32dd7f84',
    skeyidE: '926709d87ddacae7bb60a9fb65c7c5c26856c5df516e199f722f1e0d47b1c608',
    key3des: '926709d87ddacae7bb60a9fb65c7c5c26856c5df516e199f',
    keyAes128: '926709d87ddacae7bb60a9fb65c7c5c2',
    keyAes192: '926709d87ddacae7bb60a9fb65c7c5c26856c5df516e199f',
    keyAes256: '926709d87ddacae7bb60a9fb65c7c5c26856c5df516e199f722f1e0d47b1c608',
    phase1Iv: 'b78d31348d9fbb45b50132c1b586eb8c',
    phase2Iv: 'ad9a4e288048a28dd5edd7dc5684f357',
    hashI: '840f7608cac4e3b0a52d7809ddbb393e50edf65331d59c87471075a1ed9558ae',
    hashR: '0b7d2624f89232173c26cafb99f6d35b34248f292b7bcea7255ad60c3137e949',
    hash1: '72cd22cf3a673ea94bbd8d21d84ce8b8ea6ed9ef9e9f3162596d1313813fdcdc',
    hash2: '676dab8c3592baf1a2c152d76009e10a5f85126d64136a4e42aad56bbf4e5626',
    hash3: '1b7e61362ce03d4b4ef3748a62bb7cdfb4727cfe4677f02d4cee235f1cf71f14',
    esp: '1b43566c2af63c0282ee507153fc9a07a6f3b487775654af68b6e5e06bcb3055ae5e24716fa1526d2cd4f88a',
    espPfs:
      '82f34d394e73debf4d10ca527428176641f9b695f47553be07f85b08eed7f01ce44aede8a9e7178cfb3b561caa04880d' +
      'eb3ff580022d3af3cc9691d488123c30a8d7db85d8087f1a58d908add0ad5b602f8563409150c87d65c63f8aa5c2b532',
    ah: 'aef9e6caee237a947dceb8c36b74f53e9561a911',
  },
  sha384: {
    skeyid:
      'f49d1fd8234b79c47734689d344cd8b01d74791ca735a272f4442088fe617191382d49cde363c13554deec3be694f67e',
    skeyidD:
      'ae29d667d2b78216539b16231725b0b7bc2f1a548cec4619969df2c355790129e5e5cf889b971310880a2b646104574e',
    skeyidA:
      '6d533d01c87e4d0cfd7428797e69b064602e1109ef59f6755f40a8c896995129568e89a7e8db6ebdf2f1c1d9c80e1881',
    skeyidE:
      'b9e90babff24ff6c90ab6a434a9a24fe627bf2fd76cfe5326cfa54e0c85c551e04c0254eda27616214abe168c941d19b',
    key3des: 'b9e90babff24ff6c90ab6a434a9a24fe627bf2fd76cfe532',
    keyAes128: 'b9e90babff24ff6c90ab6a434a9a24fe',
    keyAes192: 'b9e90babff24ff6c90ab6a434a9a24fe627bf2fd76cfe532',
    keyAes256: 'b9e90babff24ff6c90ab6a434a9a24fe627bf2fd76cfe5326cfa54e0c85c551e',
    phase1Iv: '09c917765bdea962b02387c380e57d6e',
    phase2Iv: 'fe6697309245bd5737449628c9d8a89c',
    hashI: 'eba62f2e90aa54b555ea7c8fcf9ea56ea095d4f4ccc7430a78646c62be6d8872d5b4fd1c657eb66fc67c091ec1f2a972',
    hashR: '964d8a79a52868b7668d041a7dcbb9ec029bcfd4349b3cda233a9a3e97b357656adc793abf8def9f322e67e46eda53b5',
    hash1: 'bffbab5d261e8c857c74048f61b497773334826ba52d5bc87db4acfec4526b601d0709ff779a625215ff08eeea850438',
    hash2: 'c0b840e604bed1b792e7839ec88d71e938a6aaf2f5cb63e4c081f4070b44d10bd43182721d72bce3dad99a24a0808ad5',
    hash3: '231798a1569cc319d835b22c08e9ac52f755556e35ed44f4955b38aebada0f76f4f86002387f485f75fce4d09cf41ac2',
    esp: 'f377ea25dc8bf00a285d40c23db196a6c3d0d86ea1685d17ae624873502ba2194ca8a9c62caf5bb6088502ba',
    espPfs:
      '7f665daa37d5a80bda05b1503512143d9fed68420b8b7fe65eb49a3512a2fe4469ca7f7c95db275275609e3ab4b862fd' +
      'bdbdd9e8389b4e65f0031b608d09a786e133a1d3579113e24c14f4dd64cd8df8e998001874f2ce3d5f2787cce1749006',
    ah: 'a60db14c675aa17445e0b2b32a6d70385d023ca0',
  },
  sha512: {
    skeyid:
      'e27ab8cdc564281d1f4562b697eecd06f6dce45cb2837ed60932c4fae2adca0d6e16c5183f0605c6aa14d212b62ca26f' +
      '495af75ef69525ca20f46dcbde61de20',
    skeyidD:
      'd558926607489adcb926c23fa40a521b18376cbb428cc2592bfc046116ebfbe847a78c26262ab224f2294f7af33fb081' +
      'ccf544d82a808bae6968d71beb3c8142',
    skeyidA:
      '9a44e0e1f177402b1cfc6d5d99759e9276ae8cbb3762a8e040b6b829f463b69f955215f86f09069d3c5bc384f9c47789' +
      '961c41ff6dd441940c2ed6f3aaa0e640',
    skeyidE:
      '0c34da3f683018e9cf9959c147a4e3c96ce5fdf4a21a9df54742c2a8543a336d2497d33146972d9721ce07df3e245ab5' +
      'd34fb7132c98f3006a07e05c98df0931',
    key3des: '0c34da3f683018e9cf9959c147a4e3c96ce5fdf4a21a9df5',
    keyAes128: '0c34da3f683018e9cf9959c147a4e3c9',
    keyAes192: '0c34da3f683018e9cf9959c147a4e3c96ce5fdf4a21a9df5',
    keyAes256: '0c34da3f683018e9cf9959c147a4e3c96ce5fdf4a21a9df54742c2a8543a336d',
    phase1Iv: '13889b807930ba4e548dfec9fde319fb',
    phase2Iv: '1e4b171fc93f342322a3939ab67e5f8b',
    hashI:
      '9a7fa75e049d28336a2b01b89e09fb84006833816d78a37ba944604a6a18a8db156af7fc95f6a29c68c649511d5ae86e' +
      '9f12156f19fb0cec0425596f8b85609c',
    hashR:
      'e8df430699bf5809301e95fa9ad0732f6ca740f1a12f8c571445483da3ee0c05eed52ff656f55ee143519f4131c85cb3' +
      '68ca41f0e18ccae7a03903646ae0e3d2',
    hash1:
      '093ad4aaaf2d2a131b718d293017004f6d5dba4533f6c526778a12cd367bf00ad6cc41f0e7106a88ec9e31131fe29c0a' +
      'ac482564b090b6b583f49df422240c7f',
    hash2:
      '3b92c2fce710cd3242f98a4cb3526301c01b53dffd480c5ab36a46ad9d1d5228c1fcd0b1d21d92263ad526b0541e5b76' +
      '84de5da20cbd6f462c5138d26bcf1148',
    hash3:
      'cb04388eb0eee79bc64f84ec0be1019f98ebc0e55a0eaa4806a749f385d5cd23859a56911f6a9ef82b451752c24c74d4' +
      '5fca32a7d020fbb3144012b819aa334c',
    esp: '92de6c23a26c544d36833b155508f110d603f0dd4634c89b6c908195ff2efd510e455b993b05cf1c4bf89e09',
    espPfs:
      'e7cb610b75fafb2c9038dbabd0c758caa02e46ff72687742f1dbaed39d3665bcc126d4151c7f5270b5207ec06cc33324' +
      '8c6c3e320a02b8ff443087a2a1c9ea9173adf31ce081596e86f91475cb48898d0b3f08dffb5bacd18c9a71922da1bb55',
    ah: '1ba5687d0eb9236af578f0c66bb3af52aaf25a42',
  },
};
