/** What an operator has of a peer's offer: typed, pasted from a Cisco or from ike-scan, or captured. */
import { type Bytes, readU32 } from '../bytes.js';
import { err, type Result } from '../result.js';
import { readCapture } from './captured.js';
import { isCisco, readCisco } from './cisco.js';
import { isIkeScan, readIkeScan } from './ike-scan.js';
import type { Offer, OfferFault } from './offer.js';
import { readTyped } from './typed.js';

const MAGIC: ReadonlySet<number> = new Set([0x0a0d0d0a, 0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1]);

export function readOfferText(text: string): Result<Offer, OfferFault> {
  if (isCisco(text)) return readCisco(text);
  if (isIkeScan(text)) return readIkeScan(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*[#!]/.test(line));
  const [line = ''] = lines;
  if (lines.length > 1) {
    return err({
      where: 'the text',
      problem:
        'it has several lines and none is "crypto isakmp policy N", or has SA=(Enc=...); one proposal fits on one line',
    });
  }
  if (line === '') return err({ where: 'the text', problem: 'it is empty' });
  return readTyped(line.trim());
}

/** A file may be a capture, or hold the same text. */
export function readOfferFile(file: Bytes): Result<Offer, OfferFault> {
  if (file.length >= 4 && MAGIC.has(readU32(file, 0))) return readCapture(file);
  const text = Buffer.from(file).toString('utf8');
  if (text.includes('\0') || text.includes('\ufffd'))
    return err({ where: 'the file', problem: 'it is neither a capture (pcap, pcapng) nor text' });
  return readOfferText(text);
}
