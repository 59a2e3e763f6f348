/** The XFRM of a Linux kernel as far as netlink shows it: SAs, policies, answers, news; with lost messages on demand. */
import assert from 'node:assert/strict';
import type { Bytes } from '../../../../services/bytes.js';
import type { KernelSockets, MessageListener } from '../../../../services/ports/kernel-socket.js';
import { ok } from '../../../../services/result.js';
import {
  decodeXfrm,
  encodeXfrm,
  type XfrmMessage,
  type XfrmSaId,
} from '../../../../services/xfrm/message.js';
import { encodeNetlink, splitDatagram } from '../../../../services/xfrm/netlink.js';
import type { XfrmPolicy } from '../../../../services/xfrm/policy.js';
import { NETLINK_FLAG, NETLINK_TYPE } from '../../../../services/xfrm/registry.js';
import { NO_ATTRIBUTES, type SaAttributes, type XfrmSa } from '../../../../services/xfrm/sa.js';
import { verifyXfrm } from '../../../../services/xfrm/verify.js';

const ERRNO = { ENOENT: 2, ESRCH: 3, EEXIST: 17 } as const;

export interface SimulatedSa {
  sa: XfrmSa;
  attributes: SaAttributes;
}

export class SimulatedXfrm {
  readonly sas = new Map<string, SimulatedSa>();
  readonly policies: XfrmPolicy[] = [];
  /** Buffers that were handed over, as they are now. */
  readonly sent: Bytes[] = [];
  /** Requests that it was sent, but for those of the trial at the start. */
  readonly requests: XfrmMessage[] = [];
  /** How many answers are lost from now on. */
  lose = 0;
  /** How many dumps say that they were interrupted. */
  interrupt = 0;
  /** Of the last question. */
  lastSequence = 0;
  #news: MessageListener | undefined;
  #closed = 0;

  get closed(): boolean {
    return this.#closed === 2;
  }

  readonly sockets: KernelSockets = {
    key: () => {
      throw new Error('nobody asks for PF_KEY');
    },
    xfrm: (groups, listener) => {
      if (groups.length > 0) this.#news = listener;
      return ok({
        send: (bytes) => {
          this.sent.push(bytes);
          const answers = this.#answer(Uint8Array.from(bytes));
          queueMicrotask(() => {
            if (this.lose > 0) this.lose--;
            else for (const answer of answers) listener.message(answer);
          });
          return undefined;
        },
        close: () => {
          this.#closed += 1;
        },
      });
    },
  };

  /** To everybody who listens. */
  tell(message: XfrmMessage): void {
    this.#news?.message(encodeNetlink({ ...encodeXfrm(message), flags: 0, sequence: 0, port: 0 }));
  }

  /** ENOBUFS: what was to be told is lost. */
  overrun(): void {
    this.#news?.overrun();
  }

  find(id: Pick<XfrmSaId, 'destination' | 'spi' | 'protocol'>): SimulatedSa | undefined {
    return this.sas.get(keyOf(id));
  }

  remove(id: XfrmSaId): void {
    const deleted = this.find(id)?.sa;
    this.sas.delete(keyOf(id));
    this.tell({ kind: 'DELSA', id, deleted });
  }

  #answer(bytes: Bytes): readonly Bytes[] {
    const split = splitDatagram(bytes);
    assert.ok(split.ok && split.value.length === 1, 'a request is one message');
    const [request] = split.value;
    assert.ok(request);
    const { sequence, flags } = request;
    this.lastSequence = sequence;
    const end = (errno: number): Bytes => {
      const body = new Uint8Array(20);
      new DataView(body.buffer).setInt32(0, -errno, true);
      return encodeNetlink({ type: NETLINK_TYPE.error, flags: 0, sequence, port: 0, body });
    };
    const say = (message: XfrmMessage, more = 0): Bytes =>
      encodeNetlink({ ...encodeXfrm(message), flags: more, sequence, port: 0 });
    if ((flags & NETLINK_FLAG.dump) !== 0 && request.body.length === 0) {
      const broken = this.interrupt-- > 0 ? NETLINK_FLAG.dumpInterrupted : 0;
      const all: readonly XfrmMessage[] =
        request.type === 0x12
          ? [...this.sas.values()].map((held) => ({ kind: 'NEWSA', ...held }))
          : this.policies.map((policy) => ({ kind: 'NEWPOLICY', policy }));
      const done = { type: NETLINK_TYPE.done, flags: broken, sequence, port: 0, body: new Uint8Array(4) };
      return [...all.map((message) => say(message, NETLINK_FLAG.multi)), encodeNetlink(done)];
    }
    const decoded = decodeXfrm(request.type, request.body);
    assert.ok(decoded.ok && decoded.value !== undefined, 'it can be read');
    const message = decoded.value;
    assert.deepEqual(verifyXfrm(message, 'toKernel'), []);
    const outcome = this.#do(message);
    return typeof outcome === 'number' ? [end(outcome)] : [say(outcome), end(0)];
  }

  /** An errno, or what is said before success. */
  #do(message: XfrmMessage): number | XfrmMessage {
    const trial = 'sa' in message ? message.sa.destination : 'id' in message ? message.id.destination : '';
    if (trial !== '192.0.2.2') this.requests.push(message);
    switch (message.kind) {
      case 'ALLOCSPI': {
        const sa = { ...message.sa, spi: message.min + this.sas.size };
        this.sas.set(keyOf(sa), { sa, attributes: NO_ATTRIBUTES });
        return { kind: 'NEWSA', sa, attributes: NO_ATTRIBUTES };
      }
      case 'NEWSA': {
        if (this.sas.has(keyOf(message.sa))) return ERRNO.EEXIST;
        this.sas.set(keyOf(message.sa), { sa: message.sa, attributes: message.attributes });
        return 0;
      }
      case 'UPDSA': {
        if (!this.sas.has(keyOf(message.sa))) return ERRNO.ESRCH;
        this.sas.set(keyOf(message.sa), { sa: message.sa, attributes: message.attributes });
        return 0;
      }
      case 'GETSA': {
        const held = this.find(message.id);
        return held === undefined ? ERRNO.ESRCH : { kind: 'NEWSA', ...held };
      }
      case 'DELSA': {
        if (!this.sas.has(keyOf(message.id))) return ERRNO.ESRCH;
        this.remove(message.id);
        return 0;
      }
      case 'UPDPOLICY': {
        this.policies.unshift(message.policy);
        return 0;
      }
      case 'DELPOLICY': {
        const same = JSON.stringify([message.selector, message.direction]);
        const at = this.policies.findIndex((p) => JSON.stringify([p.selector, p.direction]) === same);
        if (at < 0) return ERRNO.ENOENT;
        this.policies.splice(at, 1);
        return 0;
      }
      default:
        throw new Error(`${message.kind} is never sent`);
    }
  }
}

function keyOf({ destination, protocol, spi }: Pick<XfrmSaId, 'destination' | 'spi' | 'protocol'>): string {
  return `${destination} ${String(protocol)} ${String(spi)}`;
}
