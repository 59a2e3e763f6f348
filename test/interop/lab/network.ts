/** Network namespaces: two ends on one cable, or two clients and a server with a real masquerading NAT between. */
import { NAT, PLACES, ROUTER, clientEnd, type AddressPair, type Cabling, type End } from './addresses.js';
import { attempt, succeed } from './shell.js';

/** Names of the namespaces of each end's places. */
export interface Network extends Readonly<Record<End, readonly [string, ...string[]]>> {
  /** Makes the NAT forget every mapping: what a client sends next comes from another port. */
  rebind(): Promise<void>;
  /** Drops (`true`) all that arrives in one namespace, or lets it in again. */
  silence(namespace: string, silent: boolean): Promise<void>;
  close(): Promise<void>;
}

/** How long a mapping of the NAT lives without packets, in seconds: longer than any test, so that only `rebind` ends it. */
const MAPPING_SECONDS = 600;

/** Longest packet of the cable between routers, bytes. */
export const NARROW = 1320;

interface Host {
  readonly namespace: string;
  readonly device: string;
  readonly addresses: AddressPair;
}

/** Needs root. Names hold our process id, so that runs beside each other do not meet. */
export async function openNetwork(cabling: Cabling = 'cable'): Promise<Network> {
  const tag = String(process.pid);
  const hosts = (end: End): readonly [Host, ...Host[]] => {
    const [first, ...rest] = PLACES[cabling][end].map(({ own }, index): Host => ({
      namespace: `ikc-${tag}-${end}${String(index)}`,
      device: `ik${end.charAt(0)}${String(index)}-${tag}`,
      addresses: own,
    }));
    if (first === undefined) throw new Error(`${cabling}: nobody stands at ${end}`);
    return [first, ...rest];
  };
  const [ours, peers] = [hosts('ours'), hosts('peers')];
  const router = `ikc-${tag}-nat`;
  const namespaces = [...ours, ...peers].map((host) => host.namespace);
  if (clientEnd(cabling) !== undefined) namespaces.push(router);
  if (cabling === 'routers') namespaces.push(...routers(tag));

  const close = async (): Promise<void> => {
    for (const namespace of namespaces) await remove(namespace);
  };

  await removeOrphans();
  await close();
  try {
    for (const namespace of namespaces) {
      await succeed('ip', ['netns', 'add', namespace]);
      await succeed('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    }
    if (cabling === 'routers') await joinByRouters(routers(tag), ours[0], peers[0]);
    else if (clientEnd(cabling) === undefined) await joinByCable(ours[0], peers[0]);
    else {
      const [clients, [server]] = clientEnd(cabling) === 'ours' ? [ours, peers] : [peers, ours];
      await joinByNat(router, clients, server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ours: [ours[0].namespace, ...ours.slice(1).map((host) => host.namespace)],
    peers: [peers[0].namespace, ...peers.slice(1).map((host) => host.namespace)],
    close,
    async rebind() {
      await succeed('ip', ['netns', 'exec', router, 'conntrack', '-F']);
    },
    async silence(namespace, silent) {
      const drop =
        'table inet silence { chain arriving { type filter hook input priority 0; policy drop; }; }';
      await nft(namespace, silent ? drop : 'delete table inet silence');
    },
  };
}

/** Ends what runs in the namespace, by process id, and deletes it. */
async function remove(namespace: string): Promise<void> {
  const { stdout } = await attempt('ip', ['netns', 'pids', namespace]);
  for (const pid of stdout.split('\n').filter((line) => line !== '')) kill(Number(pid), 'SIGKILL');
  await attempt('ip', ['netns', 'del', namespace]);
}

/** What a run that was killed left behind: namespaces named after a process that is no more. */
async function removeOrphans(): Promise<void> {
  const { stdout } = await attempt('ip', ['netns', 'list']);
  for (const [namespace, pid] of stdout.matchAll(/^ikc-(\d+)-\w+/gm)) {
    if (!kill(Number(pid), 0)) await remove(namespace);
  }
}

function nft(namespace: string, text: string): Promise<string> {
  return succeed('ip', ['netns', 'exec', namespace, 'nft', text]);
}

async function setUp({ namespace, device, addresses }: Host): Promise<void> {
  const inside = (...args: readonly string[]): Promise<string> => succeed('ip', ['-n', namespace, ...args]);
  await inside('addr', 'add', `${addresses[4]}/24`, 'dev', device);
  // Without duplicate address detection, which would keep the address from being used for a second.
  if (addresses[6] !== '') await inside('addr', 'add', `${addresses[6]}/64`, 'dev', device, 'nodad');
  await inside('link', 'set', device, 'up');
}

async function joinByCable(a: Host, b: Host): Promise<void> {
  await plug(a, b);
  await setUp(a);
  await setUp(b);
}

async function plug(a: Host, b: Host): Promise<void> {
  await succeed('ip', [
    ...['link', 'add', a.device, 'netns', a.namespace, 'type', 'veth'],
    ...['peer', 'name', b.device, 'netns', b.namespace],
  ]);
}

/** Of the network that is near each end. */
function routers(tag: string): readonly [ours: string, peers: string] {
  return [`ikc-${tag}-near`, `ikc-${tag}-far`];
}

async function joinByRouters([near, far]: readonly [string, string], ours: Host, peers: Host): Promise<void> {
  const between = (namespace: string, number: string): Host => ({
    namespace,
    device: 'between',
    addresses: { 4: `10.99.9.${number}`, 6: `2001:db8:9::${number}` },
  });
  const [left, right] = [between(near, '1'), between(far, '2')];
  await joinByCable(left, right);
  for (const [here, end, there] of [
    [left, 'ours', right],
    [right, 'peers', left],
  ] as const) {
    const host = end === 'ours' ? ours : peers;
    const router = { namespace: here.namespace, device: 'end', addresses: ROUTER[end] };
    await joinByCable(router, host);
    await succeed('ip', ['-n', here.namespace, 'link', 'set', here.device, 'mtu', String(NARROW)]);
    for (const [family, forward] of [
      [4, 'net.ipv4.ip_forward'],
      [6, 'net.ipv6.conf.all.forwarding'],
    ] as const) {
      await succeed('ip', ['netns', 'exec', here.namespace, 'sysctl', '-qw', `${forward}=1`]);
      const version = `-${String(family)}`;
      await succeed('ip', [
        version,
        '-n',
        here.namespace,
        'route',
        'add',
        'default',
        'via',
        there.addresses[family],
      ]);
      await succeed('ip', [
        version,
        '-n',
        host.namespace,
        'route',
        'add',
        'default',
        'via',
        ROUTER[end][family],
      ]);
    }
  }
}

async function joinByNat(router: string, clients: readonly Host[], server: Host): Promise<void> {
  const onRouter = (...args: readonly string[]): Promise<string> =>
    succeed('ip', ['netns', 'exec', router, ...args]);
  const outside: Host = { namespace: router, device: 'outside', addresses: { 4: NAT.outside, 6: '' } };
  await joinByCable(outside, server);
  // One network for all clients.
  await onRouter('ip', 'link', 'add', 'inside', 'type', 'bridge');
  await setUp({ namespace: router, device: 'inside', addresses: { 4: NAT.inside, 6: '' } });
  for (const [index, client] of clients.entries()) {
    const port = `port${String(index)}`;
    await plug(client, { namespace: router, device: port, addresses: client.addresses });
    await onRouter('ip', 'link', 'set', port, 'master', 'inside', 'up');
    await setUp(client);
    await succeed('ip', ['-n', client.namespace, 'route', 'add', 'default', 'via', NAT.inside]);
  }
  if (process.env.KERNEL_LAB !== undefined) await succeed('modprobe', ['nf_conntrack']);
  for (const [name, value] of [
    ['ipv4.ip_forward', 1],
    ['netfilter.nf_conntrack_udp_timeout', MAPPING_SECONDS],
    ['netfilter.nf_conntrack_udp_timeout_stream', MAPPING_SECONDS],
  ] as const) {
    await onRouter('sysctl', '-qw', `net.${name}=${String(value)}`);
  }
  if (process.env.KERNEL_LAB !== undefined) {
    // That kernel has no nftables.
    const masquerade = ['POSTROUTING', '-o', 'outside', '-j', 'MASQUERADE', '--random'];
    await onRouter('iptables-legacy', '-t', 'nat', '-A', ...masquerade);
    return;
  }
  // Random ports: no mapping looks like the one before, nor like the client's own port.
  await nft(
    router,
    'table ip nat { chain leaving { type nat hook postrouting priority 100; oifname "outside" masquerade random; }; }',
  );
}

/** False when there is no such process any more. */
function kill(pid: number, signal: 'SIGKILL' | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
