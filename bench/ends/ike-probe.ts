/**
 * How soon an IKE daemon answers: sends it the first message of Main Mode, again and again, each with another cookie, and
 * waits for the second. Run in the namespace of a peer it has a rule for; the only line it prints is JSON, at SIGTERM.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

export interface ProbeAnswer {
  readonly asked: number;
  /** Milliseconds of each answer, ascending. */
  readonly answered: readonly number[];
}

/** SA payload: one proposal, one transform: AES-128, SHA-1, pre-shared key, group 2, 8 hours. */
const SA_PAYLOAD =
  '000000380000000100000001' +
  '0000002c01010001' +
  '0000002401010000' +
  '80010007800e0080800200028003000180040002800b0001800c7080';
const SECOND_MESSAGE = 2;
const MARKER = 4;
const [host = '', port = '500', from = '', fromPort = '0', everyMs = '50'] = process.argv.slice(2);
/** On the NAT-T port four zero bytes say that it is no ESP (RFC 3948 2.2). */
const marker = Buffer.alloc(port === '4500' ? MARKER : 0);

function firstMessage(cookie: Buffer): Buffer {
  const payload = Buffer.from(SA_PAYLOAD, 'hex');
  const rest = Buffer.from('0110020000000000', 'hex');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(28 + payload.length);
  return Buffer.concat([marker, cookie, Buffer.alloc(8), rest, length, payload]);
}

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
    socket.send(firstMessage(cookie), Number(port), host);
  }, Number(everyMs));
});
process.on('SIGTERM', () => {
  const answer: ProbeAnswer = { asked, answered: answered.sort((a, b) => a - b) };
  console.log(JSON.stringify(answer));
  process.exit();
});
