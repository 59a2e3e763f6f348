/**
 * First messages of Main Mode from ever other addresses of 127.0.0.0/8, as somebody sends them who forges addresses: nobody
 * answers what comes back. So many a second, for so many seconds; then it ends by itself.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { firstMessage } from '../ike/first-message.js';

/** The sources, in turn. Each takes a descriptor. */
const SOURCES = 2000;
const HOSTS = 250;
const EVERY_MS = 10;
const [host = '', port = '', group = '2', perSecond = '1000', seconds = '10'] = process.argv.slice(2);

const sockets: Socket[] = [];
for (let n = 0; n < SOURCES; n++) {
  const socket = createSocket('udp4');
  socket.on('error', () => undefined);
  socket.bind({
    address: `127.200.${String(Math.floor(n / HOSTS))}.${String((n % HOSTS) + 1)}`,
    port: Number(port),
    exclusive: true,
  });
  await once(socket, 'listening');
  sockets.push(socket);
}
process.stdout.write('ready\n');
const begun = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const elapsed = (performance.now() - begun) / 1000;
  if (elapsed > Number(seconds)) {
    clearInterval(timer);
    for (const socket of sockets) socket.close();
    console.log(JSON.stringify({ sent }));
    return;
  }
  for (const due = elapsed * Number(perSecond); sent < due; sent++)
    sockets[sent % SOURCES]?.send(firstMessage(Number(group)), Number(port), host);
}, EVERY_MS);
