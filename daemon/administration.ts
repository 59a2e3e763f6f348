/** What the door may ask, answered from the engine's records. */
import type {
  Administration,
  AlgorithmsView,
  IdentityView,
  Listed,
  Phase1Match,
  Phase1SaView,
  UpOutcome,
} from '../services/admin/administration.js';
import { FIXED_KEY_BITS } from '../services/algorithms.js';
import type { DefaultsView } from '../services/admin/door/defaults.js';
import type { DoorError } from '../services/admin/door/door-error.js';
import type { UpRequest } from '../services/admin/door/own-messages.js';
import type { Phase1Statistics } from '../services/admin/door/statistics.js';
import { entryFrom } from '../services/admin/listing.js';
import type { PacketDesk } from '../services/admin/packets.js';
import type { PrivilegeLevel } from '../services/admin/privilege-levels.js';
import { identityRange } from '../services/exchange/identity.js';
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import type { Phase1Sa } from '../services/exchange/phase1-sa.js';
import { familyOf } from '../services/net/address.js';
import { BUILT_GROUPS, BUILT_HASHES, BUILT_PHASE1_CIPHERS } from '../services/policy/capabilities.js';
import type { GlobalParameters } from '../services/policy/rule.js';
import type { KeyHandle } from '../services/ports/keys.js';
import type { Phase1Suite } from '../services/proposal/phase1-suite.js';
import { err, ok, type Result } from '../services/result.js';
import type { Engine } from './engine.js';
import { withdrawn } from './ending.js';
import type { Phase1Entry } from './sa-table.js';

export interface DebugOutput {
  readonly level: number;
  readonly hasOutput: boolean;
  setLevel(level: number): void;
  writeTo(file: string): Result<void, string>;
}

export interface AdministrationOptions {
  readonly builtIn: GlobalParameters;
  readonly privilege: PrivilegeLevel;
  readonly ikePort: number;
  readonly nattPort: number;
  readonly debug: DebugOutput;
  readonly packets?: PacketDesk;
}

/** What the embedded kernel's SAs get where nothing else is said: RFC 2407 4.5. */
const SYSTEM_LIFETIME_SECONDS = 28_800;
/** ipsecesp's default soft limit, which `ikeadm get defaults` shows (ipsecesp(4P)). */
const SYSTEM_SOFTLIFE_SECONDS = 24_000;

/** One Phase 1 SA of the listing, established or on its way. */
type Item = { readonly serial: number } & (
  | { readonly entry: Phase1Entry }
  | { readonly record: Phase1Record; readonly lastMessage: number; delete(): void }
);

export class EngineAdministration implements Administration {
  readonly #engine: Engine;
  readonly #options: AdministrationOptions;
  readonly packets?: PacketDesk;
  #privilege: PrivilegeLevel;

  constructor(engine: Engine, options: AdministrationOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#privilege = options.privilege;
    if (options.packets !== undefined) this.packets = options.packets;
  }

  phase1From(from: number, withKeys: boolean): Listed<Phase1SaView> | undefined {
    const listed = entryFrom(this.#items(), (item) => item.serial, from);
    return listed && { entry: this.#view(listed.entry, withKeys), next: listed.next };
  }

  findPhase1(match: Phase1Match, withKeys: boolean): Phase1SaView | undefined {
    const [first] = this.#matching(match);
    return first === undefined ? undefined : this.#view(first, withKeys);
  }

  deletePhase1(match: Phase1Match): number {
    return this.#delete(this.#matching(match));
  }

  flushPhase1(): number {
    return this.#delete([...this.#items()]);
  }

  statistics(): Phase1Statistics {
    const current = { initiator: 0, responder: 0 };
    for (const { sa } of this.#engine.table.phase1()) current[sa.role] += 1;
    return this.#engine.statistics.view(current);
  }

  defaults(): { readonly builtIn: DefaultsView; readonly inUse: DefaultsView } {
    return {
      builtIn: this.#defaultsOf(this.#options.builtIn),
      inUse: this.#defaultsOf(this.#engine.settings.config.globals),
    };
  }

  algorithms(): AlgorithmsView {
    return { groups: BUILT_GROUPS, ciphers: BUILT_PHASE1_CIPHERS, hashes: BUILT_HASHES };
  }

  debugLevel(): number {
    return this.#options.debug.level;
  }

  setDebugLevel(level: number, file: string | undefined): Result<void, DoorError> {
    const { debug } = this.#options;
    if (file !== undefined) {
      const written = debug.writeTo(file);
      if (!written.ok) return err({ name: 'SYS_ERR', errno: ERRNO[written.error] ?? EIO });
    } else if (!debug.hasOutput) {
      return err({ name: 'NO_DESC' });
    }
    debug.setLevel(level);
    return ok(undefined);
  }

  privilege(): PrivilegeLevel {
    return this.#privilege;
  }

  lowerPrivilege(level: PrivilegeLevel): void {
    this.#privilege = level;
  }

  async up({ source, destination, protocol }: UpRequest): Promise<UpOutcome> {
    const { clock } = this.#engine.ports;
    const begun = clock.now();
    const result = await this.#engine.up(source, destination, protocol);
    if (!result.ok) return { outcome: 'failed', failure: result.error };
    const { phase1, pairs } = result.value;
    const { initiatorCookie, responderCookie, rule } = phase1.sa;
    return {
      outcome: 'established',
      phase1: { initiatorCookie, responderCookie },
      pairs: pairs.map((pair) => ({ ...pair, protocol: pair.protocol === 51 ? 'AH' : 'ESP' })),
      rule: rule.label,
      milliseconds: Math.round(clock.now() - begun),
    };
  }

  *#items(): Generator<Item> {
    for (const entry of this.#engine.table.phase1()) yield { serial: serialOf(entry.id), entry };
    for (const negotiation of this.#engine.phase1.live()) {
      const { id, record, lastSent } = negotiation;
      yield {
        serial: serialOf(id),
        record,
        lastMessage: lastSent?.summary.number ?? 0,
        delete: () => {
          negotiation.send({
            type: 'OPERATOR_DELETE',
            failure: withdrawn('operator-deleted', record.remote),
          });
        },
      };
    }
  }

  #matching(match: Phase1Match): readonly Item[] {
    return [...this.#items()].filter((item) => {
      const sa = 'entry' in item ? item.entry.sa : item.record;
      return 'local' in match
        ? sa.local.address === match.local && sa.remote.address === match.remote
        : sa.initiatorCookie === match.initiatorCookie && sa.responderCookie === match.responderCookie;
    });
  }

  #delete(items: readonly Item[]): number {
    for (const item of items) {
      if ('entry' in item) this.#engine.deletePhase1(item.entry, 'an operator deleted it');
      else item.delete();
    }
    return items.length;
  }

  #view(item: Item, withKeys: boolean): Phase1SaView {
    return 'entry' in item
      ? this.#establishedView(item.entry, withKeys)
      : negotiatingView(item.record, item.lastMessage);
  }

  #establishedView(entry: Phase1Entry, withKeys: boolean): Phase1SaView {
    const { sa, errors } = entry;
    const { suite } = sa;
    const view: Phase1SaView = {
      initiatorCookie: sa.initiatorCookie,
      responderCookie: sa.responderCookie,
      isInitiator: sa.role === 'initiator',
      exchange: 'main',
      state: 'active',
      local: sa.local,
      remote: sa.remote,
      transform: {
        method: suite.method,
        group: suite.group,
        hash: suite.hash,
        cipher: suite.cipher,
        keyBits: shownKeyBits(suite),
        prf: undefined,
        pfsGroup: sa.rule.phase2.pfsGroup,
      },
      limits: { seconds: suite.lifetimeSeconds, kilobytes: suite.lifetimeKb ?? 0, keyUses: 0 },
      usage: {
        quickModeSasCreated: entry.quickModesCreated,
        quickModeSasDeleted: entry.quickModesDeleted,
        created: Math.floor(entry.createdAt / 1000),
        kilobytes: 0,
        keyUses: entry.keyUses,
      },
      errors: {
        decryption: errors.decrypt,
        hash: errors.hash,
        other: errors.other,
        transmit: errors.transmit,
      },
      localIdentity: hostIdentity(sa.local.address),
      remoteIdentity: peerIdentity(sa),
    };
    return withKeys ? { ...view, keys: this.#keysOf(sa) } : view;
  }

  #keysOf(sa: Phase1Sa): NonNullable<Phase1SaView['keys']> {
    const copy = (handle: KeyHandle) => Uint8Array.from(this.#engine.ports.keys.bytes(handle));
    const { keys } = sa;
    return [
      { type: 'skeyid', bytes: copy(keys.skeyid) },
      { type: 'skeyid_d', bytes: copy(keys.skeyidD) },
      { type: 'skeyid_a', bytes: copy(keys.skeyidA) },
      { type: 'skeyid_e', bytes: copy(keys.skeyidE) },
      { type: 'encryption', bytes: copy(keys.encryptionKey) },
      { type: 'iv', bytes: Uint8Array.from(sa.lastBlock) },
    ];
  }

  #defaultsOf(globals: GlobalParameters): DefaultsView {
    const { phase2 } = globals;
    const lifetime = phase2.lifetimeSeconds ?? SYSTEM_LIFETIME_SECONDS;
    return {
      rule_p1_lifetime_secs: globals.phase1LifetimeSeconds,
      rule_p1_minlife: 0,
      rule_p1_nonce_len: globals.phase1NonceLength,
      rule_p2_lifetime_secs: lifetime,
      rule_p2_softlife_secs: phase2.softlifeSeconds ?? Math.floor(lifetime * 0.9),
      rule_p2_idletime_secs: phase2.idletimeSeconds ?? 0,
      sys_p2_lifetime_secs: SYSTEM_LIFETIME_SECONDS,
      sys_p2_softlife_secs: SYSTEM_SOFTLIFE_SECONDS,
      sys_p2_idletime_secs: 0,
      rule_p2_lifetime_kb: phase2.lifetimeKb ?? 0,
      rule_p2_softlife_kb: phase2.softlifeKb ?? 0,
      sys_p2_lifetime_bytes: 0,
      sys_p2_softlife_bytes: 0,
      rule_p2_minlife_hard_secs: 0,
      rule_p2_minlife_soft_secs: 0,
      rule_p2_minlife_idle_secs: 0,
      rule_p2_minlife_hard_kb: 0,
      rule_p2_minlife_soft_kb: 0,
      rule_p2_maxlife_secs: 0,
      rule_p2_maxlife_kb: 0,
      rule_p2_nonce_len: globals.phase2NonceLength,
      rule_p2_pfs: phase2.pfsGroup,
      rule_p2_mindiff_secs: 0,
      rule_p2_mindiff_kb: 0,
      conversion_factor: 0,
      rule_max_certs: globals.maxCerts,
      rule_ike_port: this.#options.ikePort,
      rule_natt_port: this.#options.nattPort,
    };
  }
}

const EIO = 5;
const ERRNO: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO,
  EACCES: 13,
  ENOTDIR: 20,
  EISDIR: 21,
};

/** `p1-17` is number 17: ids are never reused in a run. */
function serialOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}

function hostIdentity(address: string): IdentityView {
  return { type: 'prefix', text: `${address}/${familyOf(address) === 4 ? '32' : '128'}` };
}

function peerIdentity(sa: Phase1Sa): IdentityView | undefined {
  const range = sa.peerIdentity === undefined ? undefined : identityRange(sa.peerIdentity);
  return range === undefined ? undefined : hostIdentity(range.begin);
}

/** A negotiation under way: its state as the original names it, by what we sent last. */
/** Only of a cipher that has several sizes. */
function shownKeyBits({ cipher, keyBits }: Phase1Suite): number | undefined {
  return FIXED_KEY_BITS[cipher] === undefined ? keyBits : undefined;
}

function negotiatingView(record: Phase1Record, lastMessage: number): Phase1SaView {
  return {
    initiatorCookie: record.initiatorCookie,
    responderCookie: record.responderCookie,
    isInitiator: record.role === 'initiator',
    exchange: 'main',
    state:
      lastMessage === 0
        ? 'beginning'
        : lastMessage <= 2
          ? 'sentSa'
          : lastMessage <= 4
            ? 'sentKeyExchange'
            : 'sentLast',
    local: record.local,
    remote: record.remote,
    transform:
      record.suite === undefined
        ? undefined
        : {
            method: record.suite.method,
            group: record.suite.group,
            hash: record.suite.hash,
            cipher: record.suite.cipher,
            keyBits: shownKeyBits(record.suite),
            prf: undefined,
            pfsGroup: record.rule?.phase2.pfsGroup ?? 0,
          },
    limits: { seconds: record.suite?.lifetimeSeconds ?? 0, kilobytes: 0, keyUses: 0 },
    usage: { quickModeSasCreated: 0, quickModeSasDeleted: 0, created: 0, kilobytes: 0, keyUses: 0 },
    errors: { decryption: 0, hash: 0, other: 0, transmit: 0 },
    localIdentity: undefined,
    remoteIdentity: undefined,
  };
}
