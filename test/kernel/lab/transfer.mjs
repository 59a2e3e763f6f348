/**
 * A TCP transfer. `transfer.mjs serve ADDRESS PORT` takes one, prints "ready" and then its SHA-256; `transfer.mjs send
 * ADDRESS PORT BYTES SOURCE` makes one and prints the same.
 */
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';

const [what, address, port, bytes, source] = process.argv.slice(2);
const hash = createHash('sha256');

if (what === 'serve') {
  const server = createServer((socket) => {
    server.close();
    socket.on('data', (chunk) => hash.update(chunk));
    socket.on('end', () => {
      console.log(hash.digest('hex'));
      socket.end();
    });
  });
  server.listen(Number(port), address, () => console.log('ready'));
} else {
  const socket = connect({ host: address, port: Number(port), localAddress: source });
  socket.on('connect', () => {
    const block = Buffer.alloc(32 * 1024);
    for (let at = 0; at < block.length; at++) block[at] = (at * 31) & 0xff;
    let left = Number(bytes);
    const more = () => {
      while (left > 0) {
        const part = block.subarray(0, Math.min(left, block.length));
        left -= part.length;
        hash.update(part);
        if (!socket.write(part)) return;
      }
      socket.end();
    };
    socket.on('drain', more);
    more();
  });
  socket.on('close', () => console.log(hash.digest('hex')));
  socket.resume();
}
