/** GET_PS, DEL_PS, DUMP_PS, NEW_PS, READ_PS, WRITE_PS. Key bytes are in replies at keymat only. */
import type { Bytes } from '../../bytes.js';
import { err, ok, type Result } from '../../result.js';
import type { Administration } from '../administration.js';
import { ADDRESS_PAIR_LENGTH, decodeAddressPair } from '../door/address-pair.js';
import type { DoorError } from '../door/door-error.js';
import { ID_TYPE, NEW } from '../door/heads.js';
import { decodeIdentityPair } from '../door/identity-pair.js';
import { decodePreshared, encodePreshared } from '../door/preshared.js';
import { SERVICE } from '../door/service.js';
import type { PresharedMatch, PresharedView } from '../preshared-administration.js';
import { presharedRecord } from '../preshared-record.js';
import { presharedText } from '../preshared-text.js';
import { PRIVILEGE } from '../privilege-levels.js';
import { dumpHandler, refuse, type Answer, type Handler } from './answer.js';
import { deleted, found, identificationOf, tooLarge } from './object.js';
import { addFile, readFile, writeFile } from './texts.js';

export const PRESHARED_HANDLERS: readonly (readonly [number, Handler])[] = [
  [
    SERVICE.DUMP_PS,
    dumpHandler(
      SERVICE.DUMP_PS,
      PRIVILEGE.modkeys,
      (from, admin) => admin.presharedFrom(from, mayShowKeys(admin)),
      encodedView,
    ),
  ],
  [
    SERVICE.GET_PS,
    atModkeys((request, admin) => {
      const match = requestedMatch(request);
      if (!match.ok) return match;
      const view = admin.findPreshared(match.value, mayShowKeys(admin));
      if (view === undefined) return refuse('NO_OBJ');
      const body = encodedView(view);
      return body.ok ? found(SERVICE.GET_PS, body.value) : tooLarge(body.error);
    }),
  ],
  [
    SERVICE.DEL_PS,
    atModkeys((request, admin) => {
      const match = requestedMatch(request);
      if (!match.ok) return match;
      return admin.deletePreshared(match.value) === 0 ? refuse('NO_OBJ') : deleted(SERVICE.DEL_PS);
    }),
  ],
  [
    SERVICE.NEW_PS,
    atModkeys((request, admin, files) => {
      const length = NEW.read(request)?.number('length');
      if (length === 0) return addFile('preshared', SERVICE.NEW_PS, admin, files);
      return length === request.length ? addStructure(request, admin) : refuse('REQ_INVALID');
    }),
  ],
  [SERVICE.READ_PS, atModkeys((request, admin, files) => readFile('preshared', request, admin, files))],
  [SERVICE.WRITE_PS, atModkeys((request, admin, files) => writeFile('preshared', request, admin, files))],
];

function atModkeys(answer: Handler['answer']): Handler {
  return { needs: PRIVILEGE.modkeys, answer };
}

function mayShowKeys(admin: Administration): boolean {
  return admin.privilege() >= PRIVILEGE.keymat;
}

/** Encodes and wipes: after this the view's copy of the key is zero. */
function encodedView(view: PresharedView): Result<Bytes, string> {
  const body = encodePreshared(presharedRecord(view));
  view.key?.fill(0);
  return body;
}

function addStructure(request: Bytes, admin: Administration): Answer {
  const record = decodePreshared(request, NEW.size);
  if (!record.ok)
    return err({ name: 'DATA_INVALID', details: [`The definition cannot be read: ${record.error}.`] });
  const text = presharedText(record.value);
  record.value.key?.fill(0);
  if (!text.ok) return err({ name: 'DATA_INVALID', details: [text.error] });
  const added = admin.addPreshared(text.value, 'the definition');
  return added.ok ? ok(NEW.encode({ cmd: SERVICE.NEW_PS, length: 0, align: 0 }, {})) : added;
}

/** GET and DEL have one shape. */
function requestedMatch(request: Bytes): Result<PresharedMatch, DoorError> {
  const id = identificationOf(request);
  if (!id.ok) return id;
  const { idType, bytes } = id.value;
  if (idType === ID_TYPE.ADDR_PAIR) {
    const pair = bytes.length === ADDRESS_PAIR_LENGTH ? decodeAddressPair(bytes) : undefined;
    if (pair?.local && pair.remote) return ok({ local: pair.local.address, remote: pair.remote.address });
  }
  const pair = idType === ID_TYPE.IDENT_PAIR ? decodeIdentityPair(bytes) : undefined;
  return pair ? ok({ localIdentity: pair.local, remoteIdentity: pair.remote }) : err({ name: 'ID_INVALID' });
}
