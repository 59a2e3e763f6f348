/**
 * What the kernel can do, found by doing it: netlink has no list of algorithms, and the modules of most are loaded when an SA
 * wants them. Each trial is an SA between addresses of documentation (RFC 5737), deleted at once, and dead by itself soon.
 */
import type { EspCipher, IntegrityAlgorithm } from '../../../services/algorithms.js';
import { INTEGRITY } from '../../../services/algorithms.js';
import type { Protection } from '../../../services/ports/kernel.js';
import { ok, err, type Result } from '../../../services/result.js';
import { ANY_TRAFFIC } from '../../../services/xfrm/addresses.js';
import { AEAD, authOf, CRYPT } from '../../../services/xfrm/algorithms.js';
import { AF_INET, MODE } from '../../../services/xfrm/registry.js';
import { NO_LIMITS, NO_USE, type SaAttributes, type XfrmSa } from '../../../services/xfrm/sa.js';
import type { XfrmConversation, XfrmFault } from './conversation.js';
import { ERRNO, faultWords, isRefusal } from './fault-words.js';

export interface XfrmAbilities {
  readonly esp: boolean;
  readonly ah: boolean;
  readonly ciphers: ReadonlySet<EspCipher>;
  readonly integrity: ReadonlySet<IntegrityAlgorithm>;
}

const TRIAL_SPI = 0x494b_4500;
const TRIAL_SECONDS = 5;

/** Bytes of a key, salt included. No weak key of DES: each byte is another. */
const TRIAL_KEYS: Readonly<Record<EspCipher, number>> = {
  null: 0,
  des: 8,
  '3des': 24,
  blowfish: 16,
  'aes-cbc': 16,
  'aes-ctr': 20,
  'aes-gcm-16': 20,
};

/** The error: it cannot be asked at all, or has neither ESP nor AH, in one sentence. */
export async function findAbilities(conversation: XfrmConversation): Promise<Result<XfrmAbilities, string>> {
  const sha1 = authAttributes('hmac-sha1-96');
  const ah = await attempt(conversation, 51, sha1);
  const esp = await attempt(conversation, 50, { ...cipherAttributes('null'), ...sha1 });
  const fault = firstFatal([ah, esp]);
  if (fault !== undefined) return err(faultWords(fault));
  if (esp !== undefined && ah !== undefined) return err(NO_PROTOCOLS);
  const ciphers = new Set<EspCipher>();
  const integrity = new Set<IntegrityAlgorithm>();
  for (const algorithm of namesOf(INTEGRITY)) {
    const attributes = authAttributes(algorithm);
    const tried =
      esp === undefined
        ? await attempt(conversation, 50, { ...cipherAttributes('null'), ...attributes })
        : await attempt(conversation, 51, attributes);
    if (tried === undefined) integrity.add(algorithm);
  }
  if (esp === undefined) {
    for (const cipher of namesOf(TRIAL_KEYS)) {
      if ((await attempt(conversation, 50, cipherAttributes(cipher))) === undefined) ciphers.add(cipher);
    }
  }
  return ok({ esp: esp === undefined, ah: ah === undefined, ciphers, integrity });
}

const NO_PROTOCOLS =
  'This kernel has XFRM, but neither ESP nor AH (no modules esp4 and ah4): it cannot protect packets.';

/** As `Refusal` of the other Linux kernel. */
export function refusalOf(abilities: XfrmAbilities): (protection: Protection) => string | undefined {
  return (protection) => {
    const { integrity } = protection;
    if (integrity !== undefined && !abilities.integrity.has(integrity))
      return `The kernel has no ${integrity}.`;
    if (protection.protocol === 51) return abilities.ah ? undefined : 'The kernel has no AH (module ah4).';
    if (!abilities.esp) return 'The kernel has no ESP (module esp4).';
    const { encryption } = protection;
    return abilities.ciphers.has(encryption) ? undefined : `The kernel has no ${encryption}.`;
  };
}

/** Undefined: it can. */
async function attempt(
  conversation: XfrmConversation,
  protocol: number,
  attributes: SaAttributes,
): Promise<XfrmFault | undefined> {
  const sa = trialSa(protocol);
  const made = await conversation.tell({ kind: 'NEWSA', sa, attributes });
  // One of an earlier trial that was cut off.
  const there = made.ok || isRefusal(made.error, ERRNO.exists);
  if (there) {
    const { destination, spi, family } = sa;
    await conversation.tell({
      kind: 'DELSA',
      id: { destination, spi, family, protocol },
      deleted: undefined,
    });
  }
  return made.ok || there ? undefined : made.error;
}

function trialSa(protocol: number): XfrmSa {
  return {
    selector: ANY_TRAFFIC,
    source: '192.0.2.1',
    destination: '192.0.2.2',
    spi: TRIAL_SPI,
    protocol,
    family: AF_INET,
    mode: MODE.transport,
    requestId: 0,
    sequence: 0,
    replayWindow: 0,
    flags: 0,
    limits: { ...NO_LIMITS, hardAddSeconds: TRIAL_SECONDS },
    current: NO_USE,
    refused: { beforeWindow: 0, replayed: 0, unproved: 0 },
  };
}

function authAttributes(algorithm: IntegrityAlgorithm): SaAttributes {
  return { auth: { ...authOf(algorithm), key: trialKey(INTEGRITY[algorithm].keyLength) }, others: [] };
}

function cipherAttributes(cipher: EspCipher): SaAttributes {
  const key = trialKey(TRIAL_KEYS[cipher]);
  const aead = AEAD[cipher];
  if (aead !== undefined) return { aead: { ...aead, key }, others: [] };
  const name = CRYPT[cipher];
  return name === undefined ? { others: [] } : { crypt: { name, key }, others: [] };
}

function trialKey(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0x10 + index * 3);
}

/** Not about a protocol or an algorithm: rights, or the socket. */
function firstFatal(faults: readonly (XfrmFault | undefined)[]): XfrmFault | undefined {
  return faults.find(
    (fault) => fault !== undefined && (fault.cause !== 'refused' || fault.errno === ERRNO.perm),
  );
}

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const names: K[] = [];
  for (const name in table) names.push(name);
  return names;
}
