/** Two network namespaces joined by one cable: ours and the peer's. */
import { attempt, succeed } from './shell.js';

export type End = 'ours' | 'peers';
export const OTHER_END = { ours: 'peers', peers: 'ours' } as const;

export const ADDRESS = {
  ours: { 4: '10.99.0.1', 6: '2001:db8:99::1' },
  peers: { 4: '10.99.0.2', 6: '2001:db8:99::2' },
} as const;

/** Names of the namespaces. */
export interface Network {
  readonly ours: string;
  readonly peers: string;
  close(): Promise<void>;
}

/** Needs root. Names hold our process id, so that runs beside each other do not meet. */
export async function openNetwork(): Promise<Network> {
  const tag = String(process.pid);
  const ends = [
    { namespace: `ikc-${tag}-o`, device: `ikco${tag}`, addresses: ADDRESS.ours },
    { namespace: `ikc-${tag}-p`, device: `ikcp${tag}`, addresses: ADDRESS.peers },
  ] as const;
  const [ours, peers] = ends;

  const close = async (): Promise<void> => {
    for (const { namespace } of ends) {
      const { stdout } = await attempt('ip', ['netns', 'pids', namespace]);
      for (const pid of stdout.split('\n').filter((line) => line !== '')) kill(Number(pid));
      await attempt('ip', ['netns', 'del', namespace]);
    }
  };

  await close();
  try {
    for (const { namespace } of ends) await succeed('ip', ['netns', 'add', namespace]);
    await succeed('ip', [
      ...['link', 'add', ours.device, 'netns', ours.namespace, 'type', 'veth'],
      ...['peer', 'name', peers.device, 'netns', peers.namespace],
    ]);
    for (const { namespace, device, addresses } of ends) {
      const inside = (...args: readonly string[]): Promise<string> =>
        succeed('ip', ['-n', namespace, ...args]);
      await inside('addr', 'add', `${addresses[4]}/24`, 'dev', device);
      // Without duplicate address detection, which would keep the address from being used for a second.
      await inside('addr', 'add', `${addresses[6]}/64`, 'dev', device, 'nodad');
      await inside('link', 'set', 'lo', 'up');
      await inside('link', 'set', device, 'up');
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ours: ours.namespace, peers: peers.namespace, close };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
