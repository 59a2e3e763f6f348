/** What an operator has of a peer's offer: typed, pasted from a Cisco or from ike-scan, captured, or recorded. */
import { type Bytes, readU32 } from '../bytes.js';
import { capturedDatagrams } from '../record/capture.js';
import { readRecording } from '../record/file-text.js';
import { err, ok, type Result } from '../result.js';
import { type Datagram, readDatagrams } from './captured-datagrams.js';
import { phase1OfferIn } from './captured.js';
import { quickModeIn } from './captured-quick-mode.js';
import { type Opener, openQuickModes } from './opened-quick-mode.js';
import { isCisco, readCisco } from './cisco.js';
import { isCiscoPhase2, readCiscoPhase2 } from './cisco-ipsec.js';
import { isIkeScan, readIkeScan } from './ike-scan.js';
import type { Offer, OfferFault } from './offer.js';
import { isPhase2Keywords, readPhase2Keywords } from './phase2-keywords.js';
import type { Phase2Offer } from './phase2-offer.js';
import { isPhase2Typed, readPhase2Typed } from './phase2-typed.js';
import { readTyped } from './typed.js';

export type AnyOffer = Offer | Phase2Offer;
type Read = Result<AnyOffer, OfferFault>;
/** Which phase the operator asked for; undefined: whatever it looks like. */
type Wanted = 1 | 2 | undefined;

const MAGIC: ReadonlySet<number> = new Set([0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1]);
const RECORDING = /^\s*\{[^\n]*"format":"ikerec"/;

export function readOfferText(text: string, wanted?: Wanted): Read {
  if (wanted === 2) return phase2Of(text);
  if (isCisco(text)) return withNote(readCisco(text), isCiscoPhase2(text));
  if (isIkeScan(text)) return readIkeScan(text);
  if (wanted === undefined && (isCiscoPhase2(text) || isPhase2Keywords(text) || isPhase2Typed(text)))
    return phase2Of(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*[#!]/.test(line));
  const [line = ''] = lines;
  if (lines.length > 1) {
    return err({
      where: 'the text',
      problem:
        'it has several lines and none is "crypto isakmp policy N", "crypto ipsec transform-set NAME" or "esp=...", or has SA=(Enc=...); one proposal fits on one line',
    });
  }
  if (line === '') return err({ where: 'the text', problem: 'it is empty' });
  return readTyped(line.trim());
}

function phase2Of(text: string): Read {
  if (isCiscoPhase2(text)) return readCiscoPhase2(text);
  if (isCisco(text))
    return err({
      where: 'the text',
      problem: 'it has Phase 1 policies only, and no "crypto ipsec transform-set"',
    });
  if (isIkeScan(text)) return err({ where: 'the text', problem: 'ike-scan sees Phase 1 only' });
  if (isPhase2Keywords(text)) return readPhase2Keywords(text);
  return text.trim() === '' ? err({ where: 'the text', problem: 'it is empty' }) : readPhase2Typed(text);
}

/** A file may be a capture or a recording, or hold the same text. `opener` opens what is encrypted in a capture. */
export function readOfferFile(file: Bytes, wanted?: Wanted, opener?: Opener): Read {
  if (file.length >= 4 && MAGIC.has(readU32(file, 0))) return captured(file, wanted, opener);
  if (opener !== undefined)
    return err({
      where: 'the file',
      problem: 'it is no capture (pcap, pcapng), and a key table opens nothing else',
    });
  const text = Buffer.from(file).toString('utf8');
  if (text.includes('\0') || text.includes('\ufffd'))
    return err({
      where: 'the file',
      problem: 'it is neither a capture (pcap, pcapng), nor a recording, nor text',
    });
  return RECORDING.test(text.slice(0, 4096)) ? recorded(text, wanted) : readOfferText(text, wanted);
}

function captured(file: Bytes, wanted: Wanted, opener: Opener | undefined): Read {
  const read = readDatagrams(file);
  if (!read.ok) return err({ where: 'the file', problem: read.error });
  const { packets } = read.value;
  const { datagrams, missing } =
    opener === undefined
      ? { datagrams: read.value.datagrams, missing: [] }
      : openQuickModes(read.value.datagrams, opener);
  const also =
    'only the keys of Phase 1 open it: give them too, as "keys FILE" with Wireshark\'s ikev1_decryption_table; where this host took part, "ikeadm record export ID keys FILE" writes it, and its recording (ikeadm record save) tells the same';
  return offerIn(datagrams, wanted, {
    none: `none of its ${String(packets)} packets is a first message of Main or Aggressive Mode on UDP; capture from the beginning of a negotiation, with whole packets`,
    sealed: missing.length === 0 ? also : missing.join('; '),
  });
}

/** What was encrypted stands in a recording as it was before, with and without secrets. */
function recorded(text: string, wanted: Wanted): Read {
  const recording = readRecording(text);
  if (!recording.ok)
    return err({ where: `line ${String(recording.error.line)}`, problem: recording.error.message });
  return offerIn(capturedDatagrams(recording.value, true), wanted, {
    none: 'it has no first message of Main or Aggressive Mode',
    sealed: 'it does not hold what was said',
  });
}

function offerIn(
  datagrams: readonly Datagram[],
  wanted: Wanted,
  words: { readonly none: string; readonly sealed: string },
): Read {
  const phase1 = wanted === 2 ? undefined : phase1OfferIn(datagrams);
  const quick = quickModeIn(datagrams);
  if (phase1 !== undefined) return withNote(ok(phase1), quick.offer !== undefined);
  if (wanted !== 1 && quick.offer !== undefined) return ok(quick.offer);
  const sealed = `${quick.sealed === 1 ? 'the Quick Mode in it is' : `the ${String(quick.sealed)} Quick Modes in it are`} encrypted, and ${words.sealed}`;
  const none = wanted === 2 ? 'it has no first message of a Quick Mode' : words.none;
  const problem = wanted === 1 || quick.sealed === 0 ? none : wanted === 2 ? sealed : `${none}; ${sealed}`;
  return err({ where: 'the file', problem });
}

function withNote(read: Result<Offer, OfferFault>, alsoPhase2: boolean): Read {
  if (!read.ok || !alsoPhase2) return read;
  const note = 'It offers Phase 2 as well: add "mode quick" to ask about that.';
  return ok({ ...read.value, remarks: [...read.value.remarks, note] });
}
