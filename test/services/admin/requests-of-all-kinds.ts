/** One good request, or several, of every command of the door: for tests that walk them all. */
import { encodeAddressPair } from '../../../services/admin/door/address-pair.js';
import { encodeRequestCookies } from '../../../services/admin/door/cookie-pair.js';
import {
  CMD,
  DBG,
  DEFREQ,
  DEL,
  DUMP,
  FLUSH,
  GET,
  ID_TYPE,
  LOCATION,
  NEW,
  PIN,
  PRIV,
  RW,
  STATREQ,
} from '../../../services/admin/door/heads.js';
import { encodeIdentityPair } from '../../../services/admin/door/identity-pair.js';
import { encodeLabel } from '../../../services/admin/door/label.js';
import { encodeOwn } from '../../../services/admin/door/own-messages.js';
import { encodePreshared } from '../../../services/admin/door/preshared.js';
import { OWN_SERVICE, SERVICE } from '../../../services/admin/door/service.js';
import { concat, fromHex, NO_BYTES, type Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';

/** What is there to be named: an SA, a rule and a key between two addresses. */
export interface Named {
  readonly local: Address;
  readonly remote: Address;
  readonly initiatorCookie: string;
  readonly responderCookie: string;
  readonly label: string;
}

export interface NamedRequest {
  /** As `serviceName` has it. */
  readonly command: string;
  readonly request: Bytes;
  /** Text of the file that goes with it. */
  readonly file?: string;
}

export const ANOTHER_RULE = `{ label "another" local_addr 192.0.2.77 remote_addr 192.0.2.78
  p1_xform { auth_method preshared oakley_group 14 auth_alg sha256 encr_alg aes } }
`;
export const ANOTHER_KEY =
  '{ localid 192.0.2.77 remoteid 192.0.2.78 key 00112233445566778899aabbccddeeff }\n';

/** Every command of the original and of ours, those that change something last. */
export function requestsOfAllKinds(named: Named): readonly NamedRequest[] {
  const { local, remote, label } = named;
  const addresses = encodeAddressPair({ address: local, port: 0 }, { address: remote, port: 0 });
  const identities = encodeIdentityPair({
    local: { type: 2, uid: 0, text: 'a.example' },
    remote: { type: 2, uid: 0, text: 'b.example' },
  });
  const cookies = encodeRequestCookies(named);
  const labelled = encodeLabel(label) ?? NO_BYTES;
  const structure = encodePreshared({
    exchange: 1,
    local: { address: { address: '192.0.2.79', port: 0 }, prefixLength: 0 },
    remote: { identity: { type: 2, uid: 0, text: 'b.example' } },
    key: fromHex('0102030405060708'),
    bits: 64,
  });
  const definition = structure.ok ? structure.value : NO_BYTES;
  const pin = { token: Buffer.from('box'), pin: Buffer.from('1234') };
  return [
    of('GET_DBG', (cmd) => DBG.encode({ cmd, level: 0 }, {})),
    of('GET_PRIV', (cmd) => PRIV.encode({ cmd, level: 0 }, {})),
    of('GET_STATS', (cmd) => STATREQ.encode({ cmd, length: 0 }, {})),
    of('GET_DEFS', (cmd) => DEFREQ.encode({ cmd, length: 0, version: 4, reserved: 0 }, {})),
    ...(
      [
        ...['DUMP_P1S', 'DUMP_RULES', 'DUMP_PS', 'DUMP_CERTCACHE'],
        ...['DUMP_GROUPS', 'DUMP_ENCRALGS', 'DUMP_AUTHALGS'],
      ] as const
    ).map((name) => of(name, (cmd) => DUMP.encode({ cmd, length: 0, next: 0, reserved: 0 }, {}))),
    of('GET_P1', get(ID_TYPE.ADDR_PAIR, addresses)),
    of('GET_P1', get(ID_TYPE.CKY_PAIR, cookies)),
    of('GET_RULE', get(ID_TYPE.LABEL, labelled)),
    of('GET_PS', get(ID_TYPE.ADDR_PAIR, addresses)),
    of('GET_PS', get(ID_TYPE.IDENT_PAIR, identities)),
    of('DBG_RBDUMP', (cmd) => CMD.encode({ cmd }, {})),
    of('SET_PIN', (cmd) => PIN.encode({ cmd, reserved: 0 }, pin)),
    of('DEL_PIN', (cmd) => PIN.encode({ cmd, reserved: 0 }, pin)),
    of('SET_DBG', (cmd) => DBG.encode({ cmd, level: 4 }, {}), ''),
    of('WRITE_RULES', rw(LOCATION.DESCRIPTOR), ''),
    of('WRITE_PS', rw(LOCATION.DESCRIPTOR), ''),
    of('NEW_RULE', create(NO_BYTES), ANOTHER_RULE),
    of('NEW_PS', create(NO_BYTES), ANOTHER_KEY),
    of('NEW_PS', create(definition)),
    ...(['rule', 'preshared'] as const).flatMap((object) => [
      own('WRITE_TEXT', { object }),
      own('ADD_TEXT', { object, text: object === 'rule' ? ANOTHER_RULE : ANOTHER_KEY, source: 'x' }),
      own('READ_TEXT', { object, text: 'this does not parse', source: 'x' }),
    ]),
    own('PACKET_SEND', { packet: '45000014000000004011000000000000' + '0a0000010a000002' }),
    own('PACKET_LIST', {}),
    own('PACKET_STATS', {}),
    own('LOAD', {}),
    own('ABOUT_DOOR', {}),
    own('WHY', { subject: 'last' }),
    own('DOCTOR', { fix: false }),
    own('DOCTOR', { fix: true }),
    own('WHY', { subject: remote }),
    own('EXPLAIN', {
      transforms: [
        [
          [1, 7],
          [2, 2],
          [3, 1],
          [4, 14],
          [14, 128],
        ],
      ],
      peer: remote,
    }),
    own('RECORD_LIST', {}),
    own('RECORD_READ', { id: 'p1-1', secrets: false }),
    own('RECORD_READ', { id: 'p1-1', secrets: true }),
    own('INSPECT_SET', { state: 'on' }),
    own('INSPECT_SET', { state: 'off' }),
    own('RECORD_SET', { state: 'off' }),
    own('RECORD_SET', { state: 'with secrets' }),
    own('EVENTS', { after: 0 }),
    own('UP', { source: '10.9.9.1', destination: '10.9.9.2', protocol: 0 }),
    of('READ_RULES', rw(LOCATION.DESCRIPTOR), 'this does not parse'),
    of('READ_PS', rw(LOCATION.DESCRIPTOR), 'this does not parse'),
    of('READ_RULES', rw(LOCATION.DEFAULT)),
    of('READ_PS', rw(LOCATION.DEFAULT)),
    of('FLUSH_CERTCACHE', (cmd) => FLUSH.encode({ cmd }, {})),
    of('DEL_PS', get(ID_TYPE.ADDR_PAIR, addresses)),
    of('DEL_RULE', get(ID_TYPE.LABEL, labelled)),
    of('DEL_P1', get(ID_TYPE.CKY_PAIR, cookies)),
    of('FLUSH_P1S', (cmd) => FLUSH.encode({ cmd }, {})),
    of('SET_PRIV', (cmd) => PRIV.encode({ cmd, level: 0 }, {})),
  ];
}

function of(command: keyof typeof SERVICE, encode: (cmd: number) => Bytes, file?: string): NamedRequest {
  return { command, request: encode(SERVICE[command]), ...(file === undefined ? {} : { file }) };
}

function own(command: keyof typeof OWN_SERVICE, value: object): NamedRequest {
  return { command, request: encodeOwn(OWN_SERVICE[command], value) };
}

/** GET and DEL have one shape. */
function get(idType: number, id: Bytes): (cmd: number) => Bytes {
  return (cmd) =>
    concat(
      (idType === ID_TYPE.LABEL ? GET : DEL).encode({ cmd, length: 16 + id.length, idType, reserved: 0 }, {}),
      id,
    );
}

function rw(location: number): (cmd: number) => Bytes {
  return (cmd) => RW.encode({ cmd, location }, {});
}

function create(definition: Bytes): (cmd: number) => Bytes {
  const length = definition.length === 0 ? 0 : NEW.size + definition.length;
  return (cmd) => concat(NEW.encode({ cmd, length, align: 0 }, {}), definition);
}
