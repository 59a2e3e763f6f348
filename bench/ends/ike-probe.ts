/**
 * How soon an IKE daemon answers: sends it the first message of Main Mode, again and again, each with another cookie, and
 * waits for the second. Run in the namespace of a peer it has a rule for; the only line it prints is JSON, at SIGTERM.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { firstMessage } from '../ike/first-message.js';

export interface ProbeAnswer {
  readonly asked: number;
  /** Milliseconds of each answer, ascending. */
  readonly answered: readonly number[];
}

const GROUP = 2;
const SECOND_MESSAGE = 2;
const MARKER = 4;
const [host = '', port = '500', from = '', fromPort = '0', everyMs = '50'] = process.argv.slice(2);
/** On the NAT-T port four zero bytes say that it is no ESP (RFC 3948 2.2). */
const marker = Buffer.alloc(port === '4500' ? MARKER : 0);

const waiting = new Map<string, number>();
const answered: number[] = [];
let asked = 0;
const socket = createSocket('udp4');
socket.on('message', (message) => {
  const begun = waiting.get(message.toString('hex', marker.length, marker.length + 8));
  if (begun === undefined || message[marker.length + 18] !== SECOND_MESSAGE) return;
  waiting.delete(message.toString('hex', marker.length, marker.length + 8));
  answered.push(performance.now() - begun);
});
socket.bind(Number(fromPort), from, () => {
  setInterval(() => {
    const cookie = randomBytes(8);
    waiting.set(cookie.toString('hex'), performance.now());
    asked += 1;
    socket.send(Buffer.concat([marker, firstMessage(GROUP, cookie)]), Number(port), host);
  }, Number(everyMs));
});
process.on('SIGTERM', () => {
  const answer: ProbeAnswer = { asked, answered: answered.sort((a, b) => a - b) };
  console.log(JSON.stringify(answer));
  process.exit();
});
