/** The outbound SPD of a Linux kernel at one moment, asked as the port asks: which policy does this traffic meet? */
import type { Address } from '../../../services/net/address.js';
import type {
  IpsecPolicy,
  IpsecProtocol,
  Protection,
  TrafficSelectors,
} from '../../../services/ports/kernel.js';
import { err, ok, type Result } from '../../../services/result.js';
import { selectorsCover } from '../embedded/selector-match.js';
import { Spd } from '../embedded/spd.js';
import { policyOf } from './policy-entries.js';
import { spdWords, type SpdEntry } from './spd-entry.js';

export interface LinuxSpdParts {
  /** In the order of the kernel's dump, which begins with the youngest. */
  readonly entries: readonly SpdEntry[];
  /** Of `--policy`, by request id. */
  readonly own: ReadonlyMap<number, IpsecPolicy>;
  readonly proposalsFor: (protocols: readonly IpsecProtocol[]) => readonly (readonly Protection[])[];
}

interface Line {
  readonly entry: SpdEntry;
  /** Undefined: it lets pass, drops, or wants what we cannot make. */
  readonly policy: IpsecPolicy | undefined;
}

function lineOf(entry: SpdEntry, { own, proposalsFor }: LinuxSpdParts): Line {
  const policy = policyOfEntry(entry, own, proposalsFor);
  return { entry, policy: policy.ok ? policy.value : undefined };
}

export class LinuxSpd {
  readonly #lines: readonly Line[];

  constructor(parts: LinuxSpdParts) {
    this.#lines = parts.entries
      .filter(({ direction }) => direction === 'out')
      .reverse()
      // Stable: of equal priorities the older one decides.
      .sort((a, b) => a.priority - b.priority)
      .map((entry) => lineOf(entry, parts));
  }

  /** As `Kernel.policyFor`. */
  covering(
    outer: { readonly local: Address; readonly remote: Address },
    selectors: TrafficSelectors,
  ): IpsecPolicy | undefined {
    for (const { entry, policy } of this.#lines) {
      if (policy === undefined) {
        if (selectorsCover(selectorsOfEntry(entry), selectors)) return undefined;
        continue;
      }
      const found = new Spd([policy]).covering(outer, selectors);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** As `Kernel.policyForPacket`. */
  forecast(packet: TrafficSelectors): IpsecPolicy | undefined {
    for (const { entry, policy } of this.#lines) {
      if (policy === undefined) {
        if (selectorsCover(selectorsOfEntry(entry), packet)) return undefined;
        continue;
      }
      const found = new Spd([policy]).forecast(packet);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** One entry as a policy: of ours the one that was given, else what its templates say. Why it is none, in one sentence. */
export function policyOfEntry(
  entry: SpdEntry,
  own: LinuxSpdParts['own'],
  proposalsFor: LinuxSpdParts['proposalsFor'],
): Result<IpsecPolicy, string> {
  if (entry.action !== 'protect') return err(`The kernel's policy ${spdWords(entry)} protects nothing.`);
  const given = own.get(entry.templates[0]?.requestId ?? 0);
  return given === undefined ? policyOf(entry, proposalsFor) : ok(given);
}

function selectorsOfEntry({ source, destination, protocol }: SpdEntry): TrafficSelectors {
  return { local: source, remote: destination, protocol };
}
