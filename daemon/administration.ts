/** What the door may ask, answered from the engine's records: one object of the parts for each kind of thing. */
import type { Administration } from '../services/admin/administration.js';
import type { InspectorDesk } from '../services/admin/inspector.js';
import type { LoadReport } from '../services/admin/load.js';
import type { PacketDesk } from '../services/admin/packets.js';
import type { RecorderDesk } from '../services/admin/recorder.js';
import {
  certificateAdministration,
  type CertificateAdministrationOptions,
} from './certificate-administration.js';
import { daemonAdministration, type DaemonAdministrationOptions } from './daemon-administration.js';
import { doctorAdministration } from './doctor.js';
import type { Engine } from './engine.js';
import { explanationAdministration } from './explanation-administration.js';
import { phase1Administration } from './phase1-administration.js';
import { presharedAdministration, type PresharedAdministrationOptions } from './preshared-administration.js';
import type { SaMemory } from './sa-memory.js';
import type { TokenPool } from './token-pool.js';
import { tokenAdministration } from './token-administration.js';
import { EventQueue } from './event-queue.js';
import { ruleAdministration, type RuleAdministrationOptions } from './rule-administration.js';

export interface AdministrationOptions
  extends DaemonAdministrationOptions, RuleAdministrationOptions, PresharedAdministrationOptions {
  readonly certificates: CertificateAdministrationOptions;
  readonly load: () => LoadReport;
  readonly packets?: PacketDesk;
  readonly recorder?: RecorderDesk;
  readonly inspector?: InspectorDesk;
  /** Undefined with a kernel whose SAs end with this process. */
  readonly memory: SaMemory | undefined;
  readonly tokens: TokenPool;
}

export function engineAdministration(engine: Engine, options: AdministrationOptions): Administration {
  return {
    ...phase1Administration(engine),
    ...daemonAdministration(engine, options),
    ...ruleAdministration(engine.ports, options),
    ...presharedAdministration(engine.ports, options),
    ...certificateAdministration(engine, options.certificates),
    ...doctorAdministration(engine, options.memory),
    ...tokenAdministration(options.tokens),
    ...explanationAdministration(engine),
    load: options.load,
    ...(options.packets === undefined ? {} : { packets: options.packets }),
    eventDesk: new EventQueue(engine.ports.events, engine.ports.clock),
    ...(options.inspector === undefined ? {} : { inspector: options.inspector }),
    ...(options.recorder === undefined ? {} : { recorder: options.recorder }),
  };
}
