/** Linux's side of PF_KEY, from `net/key/af_key.c` and `net/xfrm/`: SPD and SADB, ACQUIRE by policy index, dumps to 0. */
import { single, type Endpoint } from '../../../services/net/address.js';
import { SA_STATE } from '../../../services/pfkey/dialect.js';
import type { PfkeyExtension, SupportedAlgorithm } from '../../../services/pfkey/extension.js';
import { LINUX_DIALECT, LINUX_MODE } from '../../../services/pfkey/linux-dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { TrafficSelectors } from '../../../services/ports/kernel.js';
import {
  policyNumbered,
  spdEntryOf,
  spdExtensions,
} from '../../../adapters/kernel/pfkey/linux-spd-messages.js';
import { addressExtension, endsExtensions, saNamed } from '../../../adapters/kernel/pfkey/sa-extensions.js';
import { selectorsCover } from '../../../adapters/kernel/embedded/selector-match.js';
import { spdKey, type SpdEntry, type SpdTemplate } from '../../../adapters/kernel/linux/spd-entry.js';
import {
  EEXIST,
  EINVAL,
  ENOENT,
  ESRCH,
  type KeySocket,
  type Outcome,
  SimulatedKeyKernel,
  type SimulatedSa,
} from './simulated-key-kernel.js';

const ACQUIRE_MS = 30_000;
const SATYPE_OF: Readonly<Record<number, number>> = { 50: 3, 51: 2 };

function algorithm(id: number, minBits: number, maxBits = minBits): SupportedAlgorithm {
  return { id, ivLength: 8, minBits, maxBits, incrementBits: 0, saltBits: 0 };
}

const AUTH = [algorithm(2, 128), algorithm(3, 160), algorithm(5, 256), algorithm(6, 384), algorithm(7, 512)];
const ENCRYPT = [
  algorithm(3, 192),
  algorithm(7, 40, 448),
  algorithm(11, 0),
  algorithm(12, 128, 256),
  algorithm(13, 160, 288),
];

export class SimulatedLinuxKernel extends SimulatedKeyKernel {
  readonly dialect = LINUX_DIALECT;
  /** The youngest first, as it is dumped. */
  readonly spd: SpdEntry[] = [];
  /** ACQUIREs that were failed by their number. */
  readonly failedAcquires: number[] = [];
  auth = AUTH;
  encrypt = ENCRYPT;
  #index = 0;
  #acquire = 0;
  /** When an ACQUIRE for this need was last raised. */
  readonly #asking = new Map<string, { readonly sequence: number; readonly at: number }>();

  output(packet: TrafficSelectors, bytes: number): Outcome {
    const entry = this.#byPriority().find(
      ({ direction, source, destination, protocol }) =>
        direction === 'out' && selectorsCover({ local: source, remote: destination, protocol }, packet),
    );
    if (entry?.action !== 'protect') return 'passed';
    const hosts = { source: packet.local.addresses.begin, destination: packet.remote.addresses.begin };
    const sas: SimulatedSa[] = [];
    for (const template of entry.templates) {
      const ends = template.ends ?? entry.templates.find(({ ends: tunnel }) => tunnel)?.ends ?? hosts;
      const sa = this.sas.findLast((other) => serves(other, template, ends));
      if (sa === undefined) return this.#ask(entry, template, ends);
      sas.push(sa);
    }
    for (const sa of sas) {
      this.count(sa, bytes);
      this.wire(sa, bytes);
    }
    return 'sent';
  }

  #ask(entry: SpdEntry, template: SpdTemplate, ends: { source: string; destination: string }): Outcome {
    const key = JSON.stringify([ends, template.protocol, template.mode, template.requestId]);
    const before = this.#asking.get(key);
    if (before !== undefined && this.clock.now() - before.at < ACQUIRE_MS) return 'waits';
    this.#acquire += 1;
    this.#asking.set(key, { sequence: this.#acquire, at: this.clock.now() });
    const saType = SATYPE_OF[template.protocol] ?? 0;
    this.send(
      {
        kind: 'ACQUIRE',
        errno: 0,
        diagnostic: 0,
        saType,
        sequence: this.#acquire,
        pid: 0,
        extensions: [
          ...endsExtensions(ends.source, ends.destination),
          policyNumbered(entry.index, 'out'),
          { kind: 'PROPOSAL', replayWindow: 32, combinations: [] },
        ],
      },
      ({ registered }) => registered.has(saType),
    );
    return 'acquired';
  }

  #byPriority(): readonly SpdEntry[] {
    return [...this.spd].reverse().sort((a, b) => a.priority - b.priority);
  }

  /** An authentic packet under an inbound SA came from elsewhere: to sockets that are registered for ESP. */
  mapping({ saType, spi, source, extensions }: SimulatedSa, now: Endpoint): void {
    const ports = extensions.flatMap((extension) =>
      extension.kind === 'X_NAT_T_SPORT' ? [extension.port] : [],
    );
    this.send(
      {
        ...{ kind: 'X_NAT_T_NEW_MAPPING', errno: 0, diagnostic: 0, saType, sequence: 0, pid: 0 },
        extensions: [
          saNamed(spi),
          addressExtension('ADDRESS_SRC', source),
          { kind: 'X_NAT_T_SPORT', port: ports[0] ?? 0 },
          addressExtension('ADDRESS_DST', now.address),
          { kind: 'X_NAT_T_DPORT', port: now.port },
        ],
      },
      ({ registered }) => registered.has(saType),
    );
  }

  /** Of the NULL cipher no key is told. */
  protected override shown(sa: SimulatedSa): readonly PfkeyExtension[] {
    return super
      .shown(sa)
      .filter((extension) => extension.kind !== 'KEY_ENCRYPT' || extension.key.length > 0);
  }

  protected expireTo(message: PfkeyMessage): void {
    this.send(message, ({ registered }) => registered.has(message.saType));
  }

  protected handle(message: PfkeyMessage, socket: KeySocket): void {
    const toAll = (answer: Partial<PfkeyMessage>): void => {
      this.send({ ...message, ...answer }, () => true);
    };
    const toSender = (answer: Partial<PfkeyMessage>): void => {
      this.send({ ...message, ...answer }, (other) => other === socket);
    };
    const sa = this.named(message);
    switch (message.kind) {
      case 'REGISTER':
        socket.registered.add(message.saType);
        toSender({
          extensions: [
            { kind: 'SUPPORTED_AUTH', algorithms: this.auth },
            { kind: 'SUPPORTED_ENCRYPT', algorithms: this.encrypt },
          ],
        });
        return;
      case 'GETSPI': {
        const larval = this.reserve(message);
        if (larval === undefined) this.refuse(message, socket, EEXIST);
        else toSender({ extensions: this.shown(larval) });
        return;
      }
      case 'ADD':
        if (lacksKey(message)) this.refuse(message, socket, EINVAL);
        else if (sa !== undefined) this.refuse(message, socket, EEXIST);
        else {
          const spi = extensionOf(message, 'SA')?.spi ?? 0;
          this.complete(this.make(message, spi, SA_STATE.mature), message);
          // The larval SA that an ACQUIRE leaves goes when the real one comes.
          this.#asking.clear();
          toAll({ extensions: withoutKeys(message) });
        }
        return;
      case 'UPDATE':
        if (lacksKey(message)) this.refuse(message, socket, EINVAL);
        else if (sa === undefined) this.refuse(message, socket, ESRCH);
        else {
          this.complete(sa, message);
          toAll({ extensions: withoutKeys(message) });
        }
        return;
      case 'DELETE':
        if (sa === undefined) this.refuse(message, socket, ESRCH);
        else {
          this.remove(sa);
          toAll({});
        }
        return;
      case 'GET':
        if (sa === undefined) this.refuse(message, socket, ESRCH);
        else toSender({ extensions: this.shown(sa) });
        return;
      case 'DUMP':
        this.#dump(
          message,
          socket,
          [...this.sas].map((other) => ({ saType: other.saType, extensions: this.shown(other) })),
        );
        return;
      case 'FLUSH':
        for (const other of [...this.sas]) this.remove(other);
        this.#asking.clear();
        toAll({});
        return;
      case 'ACQUIRE':
        if (message.extensions.length > 0) this.refuse(message, socket, 95);
        else if (message.errno !== 0) this.failedAcquires.push(message.sequence);
        return;
      default:
        this.#policyMessage(message, socket, toAll, toSender);
    }
  }

  #policyMessage(
    message: PfkeyMessage,
    socket: KeySocket,
    toAll: (answer: Partial<PfkeyMessage>) => void,
    toSender: (answer: Partial<PfkeyMessage>) => void,
  ): void {
    const index = extensionOf(message, 'X_POLICY')?.id;
    const numbered = this.spd.find((entry) => entry.index === index);
    const show = (entry: SpdEntry) =>
      spdExtensions(entry).map((extension) =>
        extension.kind === 'X_POLICY' ? { ...extension, id: entry.index } : extension,
      );
    switch (message.kind) {
      case 'X_SPDADD':
      case 'X_SPDUPDATE': {
        const given = spdEntryOf(message);
        if (given === undefined) {
          this.refuse(message, socket, EINVAL);
          return;
        }
        const at = this.spd.findIndex((entry) => spdKey(entry) === spdKey(given));
        if (at >= 0 && message.kind === 'X_SPDADD') {
          this.refuse(message, socket, EEXIST);
          return;
        }
        if (at >= 0) this.spd.splice(at, 1);
        this.#index += 8;
        const entry = { ...given, index: this.#index };
        this.spd.unshift(entry);
        toAll({ extensions: show(entry) });
        return;
      }
      case 'X_SPDGET':
        if (numbered === undefined) this.refuse(message, socket, ENOENT);
        else toSender({ extensions: show(numbered) });
        return;
      case 'X_SPDDELETE2':
        if (numbered === undefined) this.refuse(message, socket, ENOENT);
        else {
          this.spd.splice(this.spd.indexOf(numbered), 1);
          toAll({ extensions: show(numbered) });
        }
        return;
      case 'X_SPDDUMP':
        this.#dump(
          message,
          socket,
          this.spd.map((entry) => ({ saType: 0, extensions: show(entry) })),
        );
        return;
      default:
        this.refuse(message, socket, EINVAL);
    }
  }

  /** Parts are numbered from 1, the last is 0; a dump of nothing is ENOENT. */
  #dump(
    message: PfkeyMessage,
    socket: KeySocket,
    parts: readonly Pick<PfkeyMessage, 'saType' | 'extensions'>[],
  ): void {
    if (parts.length === 0) this.refuse(message, socket, ENOENT);
    for (const [at, part] of parts.entries()) {
      const sequence = at + 1 === parts.length ? 0 : at + 1;
      this.send({ ...message, ...part, sequence }, (other) => other === socket);
    }
  }
}

/** `pfkey_msg2xfrm_state`: ESP needs one, the NULL cipher an empty one; AH needs the other. */
function lacksKey(message: PfkeyMessage): boolean {
  const kind = message.saType === SATYPE_OF[50] ? 'KEY_ENCRYPT' : 'KEY_AUTH';
  return extensionOf(message, kind) === undefined;
}

function withoutKeys(message: PfkeyMessage): PfkeyMessage['extensions'] {
  return message.extensions.filter(({ kind }) => kind !== 'KEY_AUTH' && kind !== 'KEY_ENCRYPT');
}

function serves(
  sa: SimulatedSa,
  template: SpdTemplate,
  ends: { readonly source: string; readonly destination: string },
): boolean {
  const sa2 = sa.extensions.find((extension) => extension.kind === 'X_SA2');
  return (
    sa.state !== SA_STATE.larval &&
    sa.saType === SATYPE_OF[template.protocol] &&
    sa.source === ends.source &&
    sa.destination === ends.destination &&
    sa2?.mode === (template.mode === 'tunnel' ? LINUX_MODE.tunnel : LINUX_MODE.transport) &&
    (template.requestId === 0 || sa2.requestId === template.requestId)
  );
}

/** A packet from one host to another. */
export function packetBetween(source: string, destination: string, protocol = 0): TrafficSelectors {
  return {
    local: { addresses: single(source), port: 0 },
    remote: { addresses: single(destination), port: 0 },
    protocol,
  };
}
