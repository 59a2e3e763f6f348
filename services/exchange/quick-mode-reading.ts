/** Quick Mode messages as the message rules want them, before anything in them is believed. */
import { checkMessage } from '../isakmp/message-rules.js';
import { type DecodedPayload, verifyPayload } from '../isakmp/payload.js';
import type { Phase2Record } from './phase2-record.js';
import type { Protection } from './protection.js';

export function quickModeFault(number: number, payloads: readonly DecodedPayload[]): string | undefined {
  const rules = checkMessage(
    { exchange: 'quick-mode', number, method: undefined, protected: true },
    payloads,
  );
  if (rules !== undefined) return rules.explanation;
  for (const payload of payloads) {
    const fault = verifyPayload(payload);
    if (fault !== undefined) return fault.explanation;
  }
  return undefined;
}

export function quickModeProtection(record: Phase2Record): Protection {
  return { suite: record.phase1.suite, key: record.phase1.keys.encryptionKey, iv: record.iv };
}
