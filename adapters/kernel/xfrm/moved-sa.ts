/** An SA whose peer is at another address or port now. The kernel changes ports in place; for an address it needs another SA. */
import type { Endpoint } from '../../../services/net/address.js';
import { err, type Result } from '../../../services/result.js';
import type { XfrmMessage } from '../../../services/xfrm/message.js';
import { ATTRIBUTE } from '../../../services/xfrm/registry.js';
import type { SaAttributes, XfrmAlgorithm, XfrmLimits, XfrmSa } from '../../../services/xfrm/sa.js';
import type { OwnSa } from '../system/own-sas.js';
import type { XfrmConversation, XfrmFault } from './conversation.js';
import { ERRNO } from './fault-words.js';
import { saId } from './sa-messages.js';

/** Told of an SA, and of no use in a request for one. */
const TOLD_ONLY: ReadonlySet<number> = new Set([ATTRIBUTE.lastUsed, ATTRIBUTE.pad]);

interface Copy {
  readonly sa: XfrmSa;
  readonly attributes: SaAttributes;
}

/** `now` in seconds since 1970. Keys, sequence numbers and window stay, and so does what is left of its life. */
export async function moved(
  conversation: XfrmConversation,
  own: OwnSa,
  remote: Endpoint,
  now: number,
): Promise<Result<undefined, XfrmFault>> {
  const read = await copyOf(conversation, own);
  if (!read.ok) return read;
  const copy = read.value;
  if (copy === undefined) return err({ cause: 'refused', errno: ERRNO.noSuchSa, why: undefined });
  try {
    return await put(conversation, own, remote, now, copy);
  } finally {
    for (const algorithm of algorithmsOf(copy.attributes)) algorithm.key.fill(0);
  }
}

async function put(
  conversation: XfrmConversation,
  own: OwnSa,
  remote: Endpoint,
  now: number,
  { sa, attributes }: Copy,
): Promise<Result<undefined, XfrmFault>> {
  const inbound = own.direction === 'inbound';
  const { encapsulation } = attributes;
  const port = inbound ? { sourcePort: remote.port } : { destinationPort: remote.port };
  const content = {
    ...attributes,
    ...(encapsulation === undefined ? {} : { encapsulation: { ...encapsulation, ...port } }),
  };
  const there = inbound ? sa.source : sa.destination;
  const tell = (kind: 'UPDSA' | 'NEWSA', changed: XfrmSa): Promise<Result<undefined, XfrmFault>> =>
    conversation.tell({ kind, sa: changed, attributes: keyless(content) }, (sent) => {
      fill(sent, content);
    });
  if (there === remote.address) return tell('UPDSA', sa);
  const aged = { ...sa, limits: remaining(sa, now) };
  const remove = { kind: 'DELSA', id: saId(own), deleted: undefined } as const;
  if (!inbound) {
    // The new one first, so that there is always a way out.
    const made = await tell('NEWSA', { ...aged, destination: remote.address });
    return made.ok ? conversation.tell(remove) : made;
  }
  // The same SPI at the same address: there cannot be two.
  const removed = await conversation.tell(remove);
  return removed.ok ? tell('NEWSA', { ...aged, source: remote.address }) : removed;
}

async function copyOf(
  conversation: XfrmConversation,
  own: OwnSa,
): Promise<Result<Copy | undefined, XfrmFault>> {
  return conversation.ask<Copy | undefined>({ message: { kind: 'GETSA', id: saId(own) } }, () => {
    let copy: Copy | undefined;
    return {
      take: (answer) => {
        if (answer.kind !== 'NEWSA') return;
        const { crypt, auth, aead, replay, others, ...rest } = answer.attributes;
        copy = {
          sa: answer.sa,
          attributes: {
            ...rest,
            ...(crypt === undefined ? {} : { crypt: { ...crypt, key: crypt.key.slice() } }),
            ...(auth === undefined ? {} : { auth: { ...auth, key: auth.key.slice() } }),
            ...(aead === undefined ? {} : { aead: { ...aead, key: aead.key.slice() } }),
            ...(replay === undefined ? {} : { replay: { ...replay, bitmap: replay.bitmap.slice() } }),
            others: others
              .filter(({ type }) => !TOLD_ONLY.has(type))
              .map(({ type, payload }) => ({ type, payload: payload.slice() })),
          },
        };
      },
      value: () => copy,
    };
  });
}

function algorithmsOf({ crypt, auth, aead }: SaAttributes): readonly XfrmAlgorithm[] {
  return [crypt, auth, aead].filter((algorithm) => algorithm !== undefined);
}

/** The same with places for the keys, which go in where the bytes are sent. */
function keyless(attributes: SaAttributes): SaAttributes {
  const { crypt, auth, aead, ...rest } = attributes;
  const blank = ({ key }: XfrmAlgorithm): Uint8Array => new Uint8Array(key.length);
  return {
    ...rest,
    ...(crypt === undefined ? {} : { crypt: { ...crypt, key: blank(crypt) } }),
    ...(auth === undefined ? {} : { auth: { ...auth, key: blank(auth) } }),
    ...(aead === undefined ? {} : { aead: { ...aead, key: blank(aead) } }),
  };
}

function fill(sent: XfrmMessage, { crypt, auth, aead }: SaAttributes): void {
  if (sent.kind !== 'NEWSA' && sent.kind !== 'UPDSA') return;
  const to = sent.attributes;
  if (crypt !== undefined) to.crypt?.key.set(crypt.key);
  if (auth !== undefined) to.auth?.key.set(auth.key);
  if (aead !== undefined) to.aead?.key.set(aead.key);
}

/** Limits of one that begins its count anew. */
function remaining({ limits, current }: XfrmSa, now: number): XfrmLimits {
  const age = current.addTime === 0 ? 0 : Math.max(0, Math.floor(now - current.addTime));
  const left = (limit: number, used: number): number => Math.max(1, limit - used);
  const seconds = (limit: number): number => (limit === 0 ? 0 : left(limit, age));
  return {
    ...limits,
    softBytes: left(limits.softBytes, current.bytes),
    hardBytes: left(limits.hardBytes, current.bytes),
    softAddSeconds: seconds(limits.softAddSeconds),
    hardAddSeconds: seconds(limits.hardAddSeconds),
  };
}
