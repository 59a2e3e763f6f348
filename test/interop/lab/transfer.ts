/** Bytes over TCP between namespaces, with a digest at both ends. */
import { spawn } from 'node:child_process';
import { succeed } from './shell.js';

/** Receives one connection, and tells its port at once and the digest of what came at its end. */
const RECEIVER = `
const hash = require('node:crypto').createHash('sha256');
const server = require('node:net').createServer((socket) => {
  server.close();
  socket.on('data', (bytes) => hash.update(bytes));
  socket.on('end', () => { console.log(hash.digest('hex')); socket.end(); });
});
server.listen(0, process.argv[1], () => console.log(server.address().port));
`;

/** Sends random bytes, the same chunk with a number in front, and tells digest and seconds. */
const SENDER = `
const [local, host, port, count] = process.argv.slice(1);
const { createHash, randomBytes } = require('node:crypto');
const hash = createHash('sha256');
const chunk = randomBytes(1 << 18);
const socket = require('node:net').connect({ host, port: Number(port), localAddress: local });
let left = Number(count), number = 0, begun = 0;
const more = () => {
  while (left > 0) {
    const bytes = Buffer.from(chunk.subarray(0, Math.min(left, chunk.length)));
    bytes.writeUInt32BE(number++, 0);
    left -= bytes.length;
    hash.update(bytes);
    if (!socket.write(bytes)) { socket.once('drain', more); return; }
  }
  socket.end();
};
socket.on('connect', () => { begun = performance.now(); more(); });
socket.resume();
socket.on('end', () => console.log(hash.digest('hex'), (performance.now() - begun) / 1000));
`;

export interface Receiver {
  readonly port: number;
  /** SHA-256 of all that came, in hex, when the sender has ended. */
  digest(): Promise<string>;
}

export async function receiver(namespace: string, address: string): Promise<Receiver> {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, '-e', RECEIVER, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const waiting: ((line: string) => void)[] = [];
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      const tell = waiting.shift();
      if (tell === undefined) lines.push(line);
      else tell(line);
    }
  });
  const next = (): Promise<string> => {
    const line = lines.shift();
    return line === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(line);
  };
  return { port: Number(await next()), digest: next };
}

export async function send(
  namespace: string,
  from: string,
  to: string,
  port: number,
  bytes: number,
): Promise<{ readonly digest: string; readonly seconds: number }> {
  const told = await succeed(
    'ip',
    [
      ...['netns', 'exec', namespace, process.execPath, '-e', SENDER],
      ...[from, to, String(port), String(bytes)],
    ],
    100,
  );
  const [digest = '', seconds = ''] = told.trim().split(' ');
  return { digest, seconds: Number(seconds) };
}
