/** A daemon's administration without a daemon: SAs are a list that tests fill; rules and keys are changed by the real thing. */
import { EventStream } from '../../../daemon/event-stream.js';
import type { Diagnosis } from '../../../services/admin/doctor.js';
import type { RefreshRefusal } from '../../../daemon/host.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { presharedAdministration } from '../../../daemon/preshared-administration.js';
import { ruleAdministration } from '../../../daemon/rule-administration.js';
import type {
  Administration,
  AlgorithmsView,
  Phase1Match,
  Phase1SaView,
  UpOutcome,
} from '../../../services/admin/administration.js';
import type { CertificateView } from '../../../services/admin/certificate-administration.js';
import { DEFAULTS, type DefaultsView } from '../../../services/admin/door/defaults.js';
import type { DoorError } from '../../../services/admin/door/door-error.js';
import type { UpRequest } from '../../../services/admin/door/own-messages.js';
import type { Phase1Statistics } from '../../../services/admin/door/statistics.js';
import type { WhySubject } from '../../../services/admin/explanation-administration.js';
import { entryFrom, type Listed } from '../../../services/admin/listing.js';
import type { LoadReport } from '../../../services/admin/load.js';
import type { PrivilegeLevel } from '../../../services/admin/privilege-levels.js';
import { fromHex } from '../../../services/bytes.js';
import { dryRun, type DryOffer } from '../../../services/explain/dry-run.js';
import type { Verdict } from '../../../services/explain/verdict.js';
import { dryRunPhase2, type Phase2DryOffer } from '../../../services/explain/dry-run-phase2.js';
import type { Explanation } from '../../../services/explain/explanation.js';
import type { FileFault } from '../../../services/ports/files.js';
import type { DoorFile } from '../../../services/ports/door-file.js';
import { ok, type Result } from '../../../services/result.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';
import { Spd } from '../../../adapters/kernel/embedded/spd.js';
import { VirtualClock } from '../../sim/virtual-clock.js';
import { SimulatedConfiguration } from './simulated-configuration.js';

export const SKEYID = '00112233445566778899aabbccddeeff00112233';

export function phase1Sa(changes: Partial<Phase1SaView> = {}): Phase1SaView {
  return {
    initiatorCookie: '0123456789abcdef',
    responderCookie: 'fedcba9876543210',
    isInitiator: true,
    exchange: 'main',
    state: 'active',
    local: { address: '192.0.2.1', port: 500 },
    remote: { address: '198.51.100.7', port: 500 },
    transform: {
      method: 'preshared',
      group: 14,
      hash: 'sha1',
      cipher: 'aes',
      keyBits: 128,
      prf: undefined,
      pfsGroup: 0,
    },
    limits: { seconds: 14_400, kilobytes: 0, keyUses: 0 },
    usage: {
      quickModeSasCreated: 2,
      quickModeSasDeleted: 0,
      created: 1_770_437_106,
      kilobytes: 1,
      keyUses: 1,
    },
    errors: { decryption: 1, hash: 2, other: 3, transmit: 4 },
    localIdentity: { type: 'prefix', text: '192.0.2.1/32' },
    remoteIdentity: { type: 'prefix', text: '198.51.100.7/32' },
    ...changes,
  };
}

export function defaultsOf(value: (index: number) => number): DefaultsView {
  const d = (name: keyof DefaultsView): number => value(DEFAULTS.numbers[name][0] / 4);
  return {
    rule_p1_lifetime_secs: d('rule_p1_lifetime_secs'),
    rule_p1_minlife: d('rule_p1_minlife'),
    rule_p1_nonce_len: d('rule_p1_nonce_len'),
    rule_p2_lifetime_secs: d('rule_p2_lifetime_secs'),
    rule_p2_softlife_secs: d('rule_p2_softlife_secs'),
    rule_p2_idletime_secs: d('rule_p2_idletime_secs'),
    sys_p2_lifetime_secs: d('sys_p2_lifetime_secs'),
    sys_p2_softlife_secs: d('sys_p2_softlife_secs'),
    sys_p2_idletime_secs: d('sys_p2_idletime_secs'),
    rule_p2_lifetime_kb: d('rule_p2_lifetime_kb'),
    rule_p2_softlife_kb: d('rule_p2_softlife_kb'),
    sys_p2_lifetime_bytes: d('sys_p2_lifetime_bytes'),
    sys_p2_softlife_bytes: d('sys_p2_softlife_bytes'),
    rule_p2_minlife_hard_secs: d('rule_p2_minlife_hard_secs'),
    rule_p2_minlife_soft_secs: d('rule_p2_minlife_soft_secs'),
    rule_p2_minlife_idle_secs: d('rule_p2_minlife_idle_secs'),
    rule_p2_minlife_hard_kb: d('rule_p2_minlife_hard_kb'),
    rule_p2_minlife_soft_kb: d('rule_p2_minlife_soft_kb'),
    rule_p2_maxlife_secs: d('rule_p2_maxlife_secs'),
    rule_p2_maxlife_kb: d('rule_p2_maxlife_kb'),
    rule_p2_nonce_len: d('rule_p2_nonce_len'),
    rule_p2_pfs: d('rule_p2_pfs'),
    rule_p2_mindiff_secs: d('rule_p2_mindiff_secs'),
    rule_p2_mindiff_kb: d('rule_p2_mindiff_kb'),
    conversion_factor: d('conversion_factor'),
    rule_max_certs: d('rule_max_certs'),
    rule_ike_port: d('rule_ike_port'),
    rule_natt_port: d('rule_natt_port'),
  };
}

export class SimulatedAdministration implements Administration {
  readonly sas = new Map<number, Phase1SaView>();
  level: PrivilegeLevel = 0;
  debug = 0;
  debugFile: DoorFile | undefined;
  setDebugResult: Result<void, DoorError> = ok(undefined);
  algorithmsInUse: AlgorithmsView = {
    groups: [2, 14],
    ciphers: [
      { cipher: '3des', keyBits: undefined },
      { cipher: 'aes', keyBits: { low: 128, high: 256 } },
    ],
    hashes: ['sha1', 'sha256'],
  };
  counters: Phase1Statistics = {
    initiatorCurrent: 1,
    responderCurrent: 2,
    initiatorTotal: 3,
    responderTotal: 4,
    initiatorAttempts: 5,
    responderAttempts: 6,
    initiatorNoResponse: 7,
    initiatorRefused: 8,
    responderFailed: 9,
    library: '',
  };
  builtIn = defaultsOf((index) => index);
  inUse = defaultsOf((index) => index);
  certificates: readonly CertificateView[] = [];
  readonly asked: UpRequest[] = [];
  readonly logins: (readonly [label: string, pin: string])[] = [];
  readonly logouts: string[] = [];
  /** Key buffers handed out, to see that they were wiped. */
  readonly handedOut: Uint8Array[] = [];
  outcome: (request: UpRequest) => Promise<UpOutcome> = () =>
    Promise.resolve({
      outcome: 'established',
      phase1: { initiatorCookie: '0123456789abcdef', responderCookie: 'fedcba9876543210' },
      pairs: [{ protocol: 'ESP', inboundSpi: 0x1234, outboundSpi: 0xdeadbeef }],
      rule: 'alpha to beta',
      milliseconds: 33.6,
    });
  explanations: Explanation[] = [];
  readonly offers: DryOffer[] = [];
  policies: readonly IpsecPolicy[] = [];
  readonly configuration = new SimulatedConfiguration();
  readonly keys = new KeyStore();
  readonly events = new EventStream(new VirtualClock());
  /** What SIGHUP would come to. */
  refreshed: Result<void, RefreshRefusal> = ok(undefined);
  /** What stands in the default file of pre-shared keys. */
  presharedFile: Result<string, FileFault> = ok('');
  readonly clock = new VirtualClock();
  readonly #rules = ruleAdministration(this, {
    configuration: this.configuration,
    refresh: () => Promise.resolve(this.refreshed),
    isRefreshing: () => false,
  });
  readonly #preshared = presharedAdministration(this, {
    configuration: this.configuration,
    files: { readSecret: () => this.presharedFile },
    presharedPath: '/etc/inet/secret/ike.preshared',
    isRefreshing: () => false,
  });
  readonly rulesFrom = this.#rules.rulesFrom;
  readonly findRule = this.#rules.findRule;
  readonly addRule = this.#rules.addRule;
  readonly deleteRule = this.#rules.deleteRule;
  readonly readRules = this.#rules.readRules;
  readonly writeRules = this.#rules.writeRules;
  readonly labelCookies = this.#rules.labelCookies;
  readonly dumpRuleBase = this.#rules.dumpRuleBase;
  readonly presharedFrom = this.#preshared.presharedFrom;
  readonly findPreshared = this.#preshared.findPreshared;
  readonly addPreshared = this.#preshared.addPreshared;
  readonly deletePreshared = this.#preshared.deletePreshared;
  readonly readPreshared = this.#preshared.readPreshared;
  readonly writePreshared = this.#preshared.writePreshared;
  #serial = 0;

  add(sa: Phase1SaView): this {
    this.sas.set(++this.#serial, sa);
    return this;
  }

  certificatesFrom(from: number): Listed<CertificateView> | undefined {
    return entryFrom(this.certificates, ({ id }) => id, from);
  }

  flushCertificates(): Promise<Result<void, DoorError>> {
    this.certificates = [];
    return Promise.resolve(ok(undefined));
  }

  readonly examined: boolean[] = [];
  diagnosis: Result<Diagnosis, string> = ok({
    kernel: 'embedded',
    ours: 2,
    foreign: [],
    peersAsked: 1,
    unasked: [],
    findings: [],
    healthy: true,
  });

  phase1From(from: number, withKeys: boolean): Listed<Phase1SaView> | undefined {
    const listed = entryFrom(this.sas, ([serial]) => serial, from);
    return listed && { entry: this.#view(listed.entry[1], withKeys), next: listed.next };
  }

  findPhase1(match: Phase1Match, withKeys: boolean): Phase1SaView | undefined {
    const found = [...this.sas.values()].find((sa) => fits(sa, match));
    return found && this.#view(found, withKeys);
  }

  deletePhase1(match: Phase1Match): number {
    const gone = [...this.sas].filter(([, sa]) => fits(sa, match));
    for (const [serial] of gone) this.sas.delete(serial);
    return gone.length;
  }

  flushPhase1(): number {
    const count = this.sas.size;
    this.sas.clear();
    return count;
  }

  underLoad: LoadReport = {
    ...{ admission: 'crowded', messages: 10, astray: 1, waiting: 2, phase1: 3, phase2: 4 },
    halfOpen: { unanswered: 5, answered: 6 },
    refused: { 'its first message has waited too long': 7 },
    dropped: { noise: 8 },
  };

  load(): LoadReport {
    return this.underLoad;
  }

  statistics(): Phase1Statistics {
    return this.counters;
  }

  defaults(): { readonly builtIn: DefaultsView; readonly inUse: DefaultsView } {
    return { builtIn: this.builtIn, inUse: this.inUse };
  }

  algorithms(): AlgorithmsView {
    return this.algorithmsInUse;
  }

  debugLevel(): number {
    return this.debug;
  }

  setDebugLevel(level: number, file: DoorFile | undefined): Result<void, DoorError> {
    if (this.setDebugResult.ok) {
      this.debug = level;
      this.debugFile = file;
    }
    return this.setDebugResult;
  }

  loginToken(label: string, pin: Uint8Array): Promise<Result<void, DoorError>> {
    this.logins.push([label, Buffer.from(pin).toString()]);
    this.handedOut.push(pin);
    return Promise.resolve(ok(undefined));
  }

  logoutToken(label: string): Promise<Result<void, DoorError>> {
    this.logouts.push(label);
    return Promise.resolve(ok(undefined));
  }

  privilege(): PrivilegeLevel {
    return this.level;
  }

  lowerPrivilege(level: PrivilegeLevel): void {
    this.level = level;
  }

  /** Those about `remote` end in a port; the last is what failed last. */
  why(subject: WhySubject): readonly Explanation[] | undefined {
    if (subject.kind === 'last') return this.explanations.slice(-1);
    const found = this.explanations.filter(({ about }) =>
      subject.kind === 'peer'
        ? about.remote.startsWith(`${subject.address}:`)
        : about.negotiation === subject.id,
    );
    return found.length > 0 ? found : undefined;
  }

  dryRun(offer: DryOffer): Verdict {
    this.offers.push(offer);
    return dryRun(offer, this.configuration.settings);
  }

  /** The embedded kernel's own policies decide; nothing stands. */
  dryRunPhase2(offer: Phase2DryOffer): Promise<Result<Verdict, string>> {
    const spd = new Spd(this.policies);
    return dryRunPhase2(offer, {
      config: this.configuration.settings.config,
      kernel: {
        policyFor: (ends, selectors) => Promise.resolve(spd.covering(ends, selectors)),
        policyForPacket: (packet) => Promise.resolve(spd.forecast(packet)),
      },
      standing: () => ({ rule: undefined, traffic: [] }),
    });
  }

  remembered(): readonly string[] {
    return this.explanations.map(({ about }) => about.negotiation);
  }

  examine(fix: boolean): Promise<Result<Diagnosis, string>> {
    this.examined.push(fix);
    return Promise.resolve(this.diagnosis);
  }

  up(request: UpRequest): Promise<UpOutcome> {
    this.asked.push(request);
    return this.outcome(request);
  }

  #view(sa: Phase1SaView, withKeys: boolean): Phase1SaView {
    if (!withKeys) return sa;
    const bytes = fromHex(SKEYID);
    this.handedOut.push(bytes);
    return { ...sa, keys: [{ type: 'skeyid', bytes }] };
  }
}

function fits(sa: Phase1SaView, match: Phase1Match): boolean {
  return 'local' in match
    ? sa.local.address === match.local && sa.remote.address === match.remote
    : sa.initiatorCookie === match.initiatorCookie && sa.responderCookie === match.responderCookie;
}
