/**
 * Our own DOCTOR: to look needs base, `fix` needs modkeys.
 *
 *   DOCTOR   { fix }   answered by a Diagnosis
 */
import type { Diagnosis, Finding, NamedSa } from '../doctor.js';
import { isRecord, listOf } from './own-explanations.js';

export function readDoctorRequest(value: unknown): { readonly fix: boolean } | undefined {
  return isRecord(value) && typeof value.fix === 'boolean' ? { fix: value.fix } : undefined;
}

export function readDiagnosis(value: unknown): Diagnosis | undefined {
  if (!isRecord(value)) return undefined;
  const { kernel, ours, peersAsked, healthy } = value;
  const foreign = listOf(value.foreign, readSa);
  const unasked = listOf(value.unasked, readUnasked);
  const findings = listOf(value.findings, readFinding);
  if (
    typeof kernel !== 'string' ||
    typeof ours !== 'number' ||
    typeof peersAsked !== 'number' ||
    typeof healthy !== 'boolean' ||
    foreign === undefined ||
    unasked === undefined ||
    findings === undefined
  )
    return undefined;
  return { kernel, ours, foreign, peersAsked, unasked, findings, healthy };
}

function readSa(value: unknown): NamedSa | undefined {
  if (!isRecord(value)) return undefined;
  const { protocol, source, destination, spi } = value;
  if ((protocol !== 50 && protocol !== 51) || typeof spi !== 'number') return undefined;
  if (typeof source !== 'string' || typeof destination !== 'string') return undefined;
  return { protocol, source, destination, spi };
}

function readUnasked(value: unknown): Diagnosis['unasked'][number] | undefined {
  if (!isRecord(value)) return undefined;
  const { peer, why } = value;
  return typeof peer === 'string' && typeof why === 'string' ? { peer, why } : undefined;
}

function readFinding(value: unknown): Finding | undefined {
  if (!isRecord(value)) return undefined;
  const { code, stale, peer, what, evidence, advice, repair } = value;
  const sas = listOf(value.sas, readSa);
  if (
    !isCode(code) ||
    (stale !== 'this host' && stale !== 'the kernel' && stale !== 'the file') ||
    typeof peer !== 'string' ||
    typeof what !== 'string' ||
    typeof evidence !== 'string' ||
    typeof advice !== 'string' ||
    (repair !== 'proposed' && repair !== 'done' && repair !== 'failed') ||
    sas === undefined
  )
    return undefined;
  return { code, stale, peer, what, evidence, advice, repair, sas };
}

function isCode(value: unknown): value is Finding['code'] {
  return ['gone-from-kernel', 'left-in-kernel', 'not-adopted', 'only-in-file', 'peer-silent'].some(
    (code) => code === value,
  );
}
