/** The unit as systemd reads it, and a real daemon that tells a notification socket what it does. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DaemonProcess } from '../cli/in.iked/daemon-process.js';
import { configFile, EAST, freePorts, presharedKey, rule, WEST, writeRoot } from '../cli/in.iked/gateways.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { attempt, eventually, succeed } from '../interop/lab/shell.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const UNIT = join(ROOT, 'systemd/ikechart.service');

const RECEIVER = `
  my ($socket, $heard) = @ARGV;
  $socket =~ s/^@/\\0/;
  socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, pack_sockaddr_un($socket)) or die "$socket: $!";
  open(my $out, '>', $heard) or die "$heard: $!";
  $out->autoflush;
  while (defined recv(S, my $datagram, 65536, 0)) { print $out "$datagram\\n" unless $datagram =~ /^BARRIER=/ }
`;

describe('systemd/ikechart.service', () => {
  let scratch: Scratch;
  beforeEach(() => {
    scratch = makeScratch();
  });
  afterEach(() => {
    scratch.remove();
  });

  it('is a unit without a fault, and its manual pages are there', async () => {
    const unit = join(scratch.folder, 'ikechart.service');
    // The program need not be installed on the host of the test.
    writeFileSync(unit, readFileSync(UNIT, 'utf8').replace('/usr/local/bin/in.iked', process.execPath));
    const { status, stdout, stderr } = await attempt('env', [
      `MANPATH=${join(ROOT, 'man')}`,
      ...['systemd-analyze', 'verify', unit],
    ]);
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });

  it('leaves the daemon little to do harm with', async () => {
    const judged = await succeed('systemd-analyze', ['security', '--offline=true', '--threshold=35', UNIT]);
    assert.match(judged, /Overall exposure level for ikechart\.service: [0-3]\.\d OK/);
  });
});

describe('in.iked and a notification socket', () => {
  let scratch: Scratch;
  let receiver: ChildProcess;
  let heard: string;
  let daemon: DaemonProcess | undefined;

  beforeEach(() => {
    scratch = makeScratch();
    heard = join(scratch.folder, 'heard');
    writeRoot(scratch.folder, {
      config: rule(EAST, WEST),
      preshared: presharedKey(EAST, WEST, '00'.repeat(16)),
      policy: '',
    });
  });
  afterEach(async () => {
    await daemon?.stop();
    receiver.kill();
    scratch.remove();
  });

  /**
   * Datagrams that come to the socket end up in `heard`, one a line or more. A plain recv closes the descriptor by which
   * systemd-notify learns that its word was heard, as systemd does. An address with `@` is abstract.
   */
  async function listen(socket: string): Promise<void> {
    receiver = spawn('perl', ['-MSocket', '-MIO::Handle', '-e', RECEIVER, socket, heard], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await eventually('somebody listens', 5, () => (existsSync(heard) ? true : undefined));
  }

  async function start(socket: string): Promise<DaemonProcess> {
    const { port, nattPort } = await freePorts(EAST);
    daemon = new DaemonProcess(
      [
        ...['-R', scratch.folder, '--listen', EAST],
        ...['--port', String(port), '--natt-port', String(nattPort)],
      ],
      { NOTIFY_SOCKET: socket },
    );
    return daemon;
  }

  async function told(words: RegExp): Promise<string> {
    return eventually(`it tells ${String(words)}`, 10, () => {
      const text = existsSync(heard) ? readFileSync(heard, 'utf8') : '';
      return words.test(text) ? text : undefined;
    });
  }

  it('tells that it is ready, reloading, and stopping', async () => {
    const socket = join(scratch.folder, 'notify');
    await listen(socket);
    const running = await start(socket);
    await told(/STATUS=1 rule, 1 pre-shared key\nREADY=1\n/);
    writeFileSync(configFile(scratch.folder), 'broken');
    const before = process.hrtime.bigint() / 1000n;
    running.signal('SIGHUP');
    const text = await told(/RELOADING=1\nMONOTONIC_USEC=\d+\n[^]*READY=1\n$/);
    assert.match(text, /STATUS=a refresh was refused, the old configuration stays: \S+config:1:1: /);
    const [, stamp = ''] = /RELOADING=1\nMONOTONIC_USEC=(\d+)/.exec(text) ?? [];
    const age = Number(BigInt(stamp) - before);
    assert.ok(age >= 0 && age < 10_000_000, `${String(age)} microseconds`);
    running.signal('SIGTERM');
    assert.equal(await running.ended(), 0);
    assert.match(readFileSync(heard, 'utf8'), /STOPPING=1\n$/);
  });

  it('finds an abstract socket too', async () => {
    const socket = `@ikechart-${String(process.pid)}`;
    await listen(socket);
    await start(socket);
    await told(/READY=1/);
  });

  it('that nobody can reach is a note in the log, and no reason not to run', async () => {
    const running = await start(join(scratch.folder, 'nobody'));
    receiver = spawn('true');
    await running.running();
    const note = await running.event(
      'it complains',
      (event) => event.type === 'config.note' && event.msg.includes('systemd-notify'),
    );
    assert.match(note.msg, /systemd-notify\(1\) does not work/);
  });
});
