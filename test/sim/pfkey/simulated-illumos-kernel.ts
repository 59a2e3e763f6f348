/**
 * The side of illumos, from pf_key(4P), `keysock.c`, `sadb.c` and `ipsecesp.c`: its checks with their errno and diagnostic,
 * its extended ACQUIRE with the cookie inside or outside the proposal, its inverse ACQUIRE.
 */
import { selectorsCover } from '../../../adapters/kernel/embedded/selector-match.js';
import { CIPHER_NUMBER, INTEGRITY_NUMBER } from '../../../adapters/kernel/pfkey/algorithm-numbers.js';
import { addressExtension } from '../../../adapters/kernel/pfkey/sa-extensions.js';
import { prefixLengthOf } from '../../../services/net/address.js';
import { SA_STATE } from '../../../services/pfkey/dialect.js';
import type {
  AddressExtension,
  AlgorithmDescriptor,
  PfkeyExtension,
  SupportedAlgorithm,
} from '../../../services/pfkey/extension.js';
import { ILLUMOS_DIALECT, ILLUMOS_SA_FLAG } from '../../../services/pfkey/illumos-dialect.js';
import { extensionOf, type PfkeyMessage } from '../../../services/pfkey/message.js';
import type { Clock } from '../../../services/ports/clock.js';
import type {
  IpsecPolicy,
  Protection,
  TrafficSelectors,
  TrafficSide,
} from '../../../services/ports/kernel.js';
import type { Dice } from '../dice.js';
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

const EBUSY = 16;
const EOPNOTSUPP = 122;
const ACQUIRE_TIMEOUT_MS = 15_000;
const NO_LIMITS = { allocations: 0, bytes: 0, addTime: 0, useTime: 0 };
const ALLOWED_FLAGS = Object.values(ILLUMOS_SA_FLAG).reduce((sum, flag) => sum + flag, 0);

export interface IllumosPolicy {
  readonly policy: IpsecPolicy;
  /** Of a rule label; 0 for none. */
  readonly cookie: number;
}

export class SimulatedIllumosKernel extends SimulatedKeyKernel {
  readonly dialect = ILLUMOS_DIALECT;
  readonly failedAcquires: number[] = [];
  cookieInside = false;
  readonly #policies: readonly IllumosPolicy[];
  readonly #local: string;
  readonly #records = new Map<string, { readonly sequence: number; readonly at: number }>();
  #acquire = 0xffff_ffff;

  constructor(clock: Clock, dice: Dice, local: string, policies: readonly IllumosPolicy[]) {
    super(clock, dice);
    this.#local = local;
    this.#policies = policies;
  }

  output(packet: TrafficSelectors, bytes: number): Outcome {
    const found = this.#policies.find(({ policy }) => selectorsCover(policy.selectors, packet));
    if (found === undefined) return 'passed';
    const { outer, proposals } = found.policy;
    const sas: SimulatedSa[] = [];
    for (const { protocol } of proposals[0] ?? []) {
      const sa = this.sas.findLast(
        (other) =>
          other.state !== SA_STATE.larval &&
          other.saType === (protocol === 50 ? 3 : 2) &&
          other.source === outer.local &&
          other.destination === outer.remote,
      );
      if (sa === undefined) return this.#ask(found);
      sas.push(sa);
    }
    for (const sa of sas) {
      this.count(sa, bytes);
      this.wire(sa, bytes);
    }
    return 'sent';
  }

  #ask(found: IllumosPolicy): Outcome {
    const key = JSON.stringify(found.policy.selectors);
    const record = this.#records.get(key);
    if (record !== undefined && this.clock.now() - record.at < ACQUIRE_TIMEOUT_MS) return 'waits';
    const sequence = this.#acquire--;
    this.#records.set(key, { sequence, at: this.clock.now() });
    this.send(
      {
        kind: 'ACQUIRE',
        errno: 0,
        diagnostic: 0,
        saType: 0,
        sequence,
        pid: 0,
        extensions: this.#asked(found),
      },
      ({ extended }) => extended,
    );
    return 'acquired';
  }

  #asked({ policy, cookie }: IllumosPolicy): readonly PfkeyExtension[] {
    const { outer, mode, selectors } = policy;
    const tunnel = mode === 'tunnel';
    const protocol = tunnel ? 4 : selectors.protocol;
    const kmc = { kind: 'X_KM_COOKIE', protocol: 1, cookie } as const;
    const port = (side: TrafficSide): number => (tunnel ? 0 : side.port);
    return [
      ...(tunnel
        ? [
            inner('X_ADDRESS_INNER_SRC', selectors.local, selectors.protocol),
            inner('X_ADDRESS_INNER_DST', selectors.remote, selectors.protocol),
          ]
        : []),
      addressExtension('ADDRESS_SRC', outer.local, { protocol, port: port(selectors.local) }),
      addressExtension('ADDRESS_DST', outer.remote, { protocol, port: port(selectors.remote) }),
      {
        kind: 'X_EPROP',
        replayWindow: 64,
        combinations: policy.proposals.map((together) => ({
          flags: 0,
          soft: NO_LIMITS,
          hard: NO_LIMITS,
          algorithms: together.flatMap(descriptors),
        })),
        cookieInside: cookie !== 0 && this.cookieInside ? kmc : undefined,
      },
      ...(cookie !== 0 && !this.cookieInside ? [kmc] : []),
    ];
  }

  /** To all sockets. */
  protected expireTo(message: PfkeyMessage): void {
    this.send(message, () => true);
  }

  protected handle(message: PfkeyMessage, socket: KeySocket): void {
    const toAll = (answer: Partial<PfkeyMessage>): void => {
      this.send({ ...message, ...answer }, () => true);
    };
    const toSender = (answer: Partial<PfkeyMessage>): void => {
      this.send({ ...message, ...answer }, (other) => other === socket);
    };
    const sa = this.named(message);
    const spi = extensionOf(message, 'SA')?.spi ?? 0;
    switch (message.kind) {
      case 'REGISTER':
        this.#register(message, socket);
        return;
      case 'GETSPI': {
        if (extensionOf(message, 'SPIRANGE') === undefined) {
          this.refuse(message, socket, EINVAL, 23);
          return;
        }
        const larval = this.reserve(message);
        if (larval === undefined) this.refuse(message, socket, EEXIST);
        else toAll({ extensions: this.shown(larval).filter(({ kind }) => kind !== 'LIFETIME_CURRENT') });
        return;
      }
      case 'ADD':
      case 'UPDATE': {
        const diagnostic = this.#newSaDiagnostic(message);
        if (diagnostic !== 0) this.refuse(message, socket, EINVAL, diagnostic);
        else if (message.kind === 'ADD' && sa !== undefined) this.refuse(message, socket, EEXIST);
        else if (message.kind === 'UPDATE' && sa === undefined) this.refuse(message, socket, ESRCH, 78);
        else {
          this.complete(sa ?? this.make(message, spi, SA_STATE.mature), message);
          this.#records.clear();
          toAll({
            extensions: message.extensions.filter(
              ({ kind }) => kind !== 'KEY_AUTH' && kind !== 'KEY_ENCRYPT',
            ),
          });
        }
        return;
      }
      case 'DELETE':
      case 'GET':
        if (sa === undefined) this.refuse(message, socket, ESRCH, 78);
        else if (message.kind === 'GET') toSender({ extensions: this.shown(sa) });
        else {
          this.remove(sa);
          toAll({});
        }
        return;
      case 'DUMP':
        for (const other of [...this.sas]) toSender({ saType: other.saType, extensions: this.shown(other) });
        toSender({ sequence: 0, extensions: [] });
        return;
      case 'FLUSH':
        if (message.extensions.length > 0) this.refuse(message, socket, EINVAL, 7);
        else {
          for (const other of [...this.sas]) this.remove(other);
          this.#records.clear();
          toAll({});
        }
        return;
      case 'ACQUIRE':
        if (message.errno !== 0 && message.extensions.length === 0) {
          this.failedAcquires.push(message.sequence);
          this.#records.clear();
        }
        return;
      case 'X_INVERSE_ACQUIRE':
        this.#inverse(message, socket, toSender);
        return;
      case 'EXPIRE':
        this.refuse(message, socket, EOPNOTSUPP);
        return;
      default:
        this.refuse(message, socket, EINVAL, 1);
    }
  }

  #register(message: PfkeyMessage, socket: KeySocket): void {
    const wanted = extensionOf(message, 'X_EREG')?.saTypes;
    if (message.saType !== 0 || wanted === undefined) this.refuse(message, socket, EINVAL, 5);
    else if (socket.extended) this.refuse(message, socket, EBUSY);
    else {
      socket.extended = true;
      for (const saType of wanted) {
        const auth = { kind: 'SUPPORTED_AUTH', algorithms: AUTH } as const;
        const encrypt = { kind: 'SUPPORTED_ENCRYPT', algorithms: ENCRYPT } as const;
        const extensions = saType === 3 ? [auth, encrypt] : [auth];
        this.send({ ...message, saType, extensions }, (other) => other === socket);
      }
    }
  }

  /** 0 when it may be made. */
  #newSaDiagnostic(message: PfkeyMessage): number {
    const sa = extensionOf(message, 'SA');
    if (sa === undefined) return 20;
    const tunnel = (sa.flags & ILLUMOS_SA_FLAG.tunnel) !== 0;
    if (sa.state !== SA_STATE.mature) return 43;
    if ((sa.flags & ~ALLOWED_FLAGS) !== 0) return 42;
    if (message.saType === 3 && sa.encryption === 0) return 41;
    if (message.saType === 3 && sa.encryption === CIPHER_NUMBER.null && sa.authentication === 0) return 40;
    if (tunnel && extensionOf(message, 'X_ADDRESS_INNER_SRC') === undefined) return 58;
    if (tunnel && extensionOf(message, 'X_ADDRESS_INNER_DST') === undefined) return 59;
    const source = extensionOf(message, 'ADDRESS_SRC');
    if (tunnel && source?.protocol !== 4 && source?.protocol !== 41) return 70;
    const soft = this.#limitOf(message, 'LIFETIME_SOFT');
    const hard = this.#limitOf(message, 'LIFETIME_HARD');
    if (soft > hard && hard !== 0) return 16;
    const outbound = source?.endpoint.address === this.#local;
    const pair = extensionOf(message, 'X_PAIR');
    const partner = this.sas.find((other) => other.spi === pair?.spi && other.destination === this.#local);
    if (pair !== undefined && (!outbound || partner === undefined)) return outbound ? 76 : 73;
    return 0;
  }

  #limitOf(message: PfkeyMessage, kind: 'LIFETIME_SOFT' | 'LIFETIME_HARD'): number {
    return extensionOf(message, kind)?.addTime ?? 0;
  }

  #inverse(
    message: PfkeyMessage,
    socket: KeySocket,
    toSender: (answer: Partial<PfkeyMessage>) => void,
  ): void {
    const source = extensionOf(message, 'ADDRESS_SRC')?.endpoint.address;
    const destination = extensionOf(message, 'ADDRESS_DST')?.endpoint.address;
    const from = extensionOf(message, 'X_ADDRESS_INNER_SRC')?.endpoint.address;
    const to = extensionOf(message, 'X_ADDRESS_INNER_DST')?.endpoint.address;
    if ((from === undefined) !== (to === undefined)) {
      this.refuse(message, socket, EINVAL, from === undefined ? 58 : 59);
      return;
    }
    const found = this.#policies.find(({ policy }) => {
      const ends = policy.outer.local === source && policy.outer.remote === destination;
      return ends && (policy.mode === 'tunnel') === (from !== undefined);
    });
    if (found === undefined) this.refuse(message, socket, ENOENT);
    else toSender({ saType: 0, extensions: this.#asked(found) });
  }
}

function algorithm(id: number, minBits: number, maxBits = minBits): SupportedAlgorithm {
  return { id, ivLength: 8, minBits, maxBits, incrementBits: 0, saltBits: 0 };
}

const AUTH = [algorithm(2, 128), algorithm(3, 160), algorithm(5, 256), algorithm(6, 384), algorithm(7, 512)];
const ENCRYPT = [algorithm(3, 192), algorithm(12, 128, 256), { ...algorithm(20, 128, 256), saltBits: 32 }];

function inner(
  kind: AddressExtension['kind'],
  { addresses, port }: TrafficSide,
  protocol: number,
): AddressExtension {
  return {
    kind,
    protocol,
    prefixLength: prefixLengthOf(addresses) ?? 32,
    endpoint: { address: addresses.begin, port },
  };
}

function descriptors(protection: Protection): readonly AlgorithmDescriptor[] {
  const saType = protection.protocol === 50 ? 3 : 2;
  const none = { saltBits: 0, minBits: 0, maxBits: 0 };
  const list: AlgorithmDescriptor[] = [];
  if (protection.integrity !== undefined)
    list.push({ ...none, saType, algorithmType: 1, algorithm: INTEGRITY_NUMBER[protection.integrity] });
  if (protection.protocol === 50)
    list.push({
      saType,
      algorithmType: 2,
      algorithm: CIPHER_NUMBER[protection.encryption],
      saltBits: 0,
      minBits: protection.keyBits.low,
      maxBits: protection.keyBits.high,
    });
  return list;
}
