/** What `doctor` finds: where this daemon, its kernel and its peers do not agree about SAs, how that is known, and what to do. */
import type { IpsecProtocol } from '../ports/kernel.js';
import type { Result } from '../result.js';

export type FindingCode =
  'gone-from-kernel' | 'left-in-kernel' | 'not-adopted' | 'only-in-file' | 'peer-silent';

/** `proposed`: `--fix` would do it. */
export type Repair = 'proposed' | 'done' | 'failed';

export interface NamedSa {
  readonly protocol: IpsecProtocol;
  readonly source: string;
  readonly destination: string;
  readonly spi: number;
}

export interface Finding {
  readonly code: FindingCode;
  /** Where something stands that should not. */
  readonly stale: 'this host' | 'the kernel' | 'the file';
  readonly peer: string;
  readonly what: string;
  readonly evidence: string;
  readonly advice: string;
  readonly repair: Repair;
  readonly sas: readonly NamedSa[];
}

export interface Diagnosis {
  readonly kernel: string;
  /** Single SAs in the kernel: ours, and those of others, which are never touched. */
  readonly ours: number;
  readonly foreign: readonly NamedSa[];
  readonly peersAsked: number;
  /** Peers that cannot be asked, and why. */
  readonly unasked: readonly { readonly peer: string; readonly why: string }[];
  readonly findings: readonly Finding[];
  /** Whether nothing stale is left. */
  readonly healthy: boolean;
}

export interface DoctorAdministration {
  /** Compares; with `fix` mends what it finds, one SA at a time. The error is a sentence. Must not reject. */
  examine(fix: boolean): Promise<Result<Diagnosis, string>>;
}
