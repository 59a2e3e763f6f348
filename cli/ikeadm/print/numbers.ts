/** Numbers, sizes and times as the original prints them. */
import type { Bytes } from '../../../services/bytes.js';

const SECOND_UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** `(4.00 hours)` for more than 60 seconds, else empty. */
function secondsInWords(seconds: number): string {
  if (seconds <= 60) return '';
  const [size, name] = SECOND_UNITS.find(([unit]) => seconds >= unit) ?? [60, 'minute'];
  const count = seconds / size;
  const text = `(${count.toFixed(2)} ${name}${count >= 2 ? 's' : ''})`;
  return text.length > 19 ? '' : text;
}

/** `(4.00 GB)` for more than 1024 bytes, else empty. */
function bytesInWords(bytes: number): string {
  if (bytes <= 1024) return '';
  let power = 0;
  let count = bytes;
  while (count >= 1024 && power < 6) {
    count /= 1024;
    power++;
  }
  const text = `(${count.toFixed(2)} ${'KMGTPE'.charAt(power - 1)}B)`;
  return text.length > 15 ? '' : text;
}

/** With a blank before it, where there is something to say: `14400 seconds (4.00 hours)`. */
export function inSeconds(seconds: number): string {
  const words = secondsInWords(seconds);
  return words === '' ? '' : ` ${words}`;
}

/** With a blank after it: `4096 kbytes (4.00 MB) protected`. */
export function inKilobytes(kilobytes: number): string {
  const words = bytesInWords(kilobytes * 1024);
  return words === '' ? '' : `${words} `;
}

const DAYS: readonly string[] = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ');
const MONTHS: readonly string[] = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** Local time as the C locale writes a date: `Sat Feb  7 04:05:06 2026`. `seconds` since 1970 UTC. */
export function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return '<time conversion failed>';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${DAYS[date.getDay()] ?? ''} ${MONTHS[date.getMonth()] ?? ''} ${String(date.getDate()).padStart(2)}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${day} ${time} ${String(date.getFullYear())}`;
}

/** A cookie of 16 hex digits as a number: `0x` and no leading zeros. */
export function cookieNumber(cookie: string): string {
  return `0x${BigInt(`0x${cookie}`).toString(16)}`;
}

/** Two digits per byte and the length in bits, of which the last byte may have fewer; `XX` per byte when `paranoid`. */
export function keyDigits(bytes: Bytes, paranoid: boolean, bits = bytes.length * 8): string {
  const digits = [...bytes].map((byte) => (paranoid ? 'XX' : byte.toString(16).padStart(2, '0')));
  return `${digits.join('')}/${String(bits)}`;
}
