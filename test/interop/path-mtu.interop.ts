/** A path that takes shorter packets than the cables at its ends, which a router tells: ICMP to the sender of ESP (RFC 4301 8.2). */
import assert from 'node:assert/strict';
import { assertCarries } from '../kernel/lab/assert-carries.js';
import { onBench } from '../kernel/lab/bench.js';
import { NARROW } from './lab/network.js';
import { scenario } from './lab/scenario.js';
import { eventually, succeed } from './lab/shell.js';

/** Of IPv6, whose packets are never shorter (RFC 8200 5): what is longer once protected is cut outside. */
const SMALLEST_IPV6 = 1280;
const OUTER_IPV4 = 20;
/** UDP, ESP header, the longest IV, padding and ICV. */
const ESP = 8 + 8 + 16 + 17 + 32;

describe('a router on the way that takes shorter packets', function () {
  this.timeout(90_000);
  for (const family of [4, 6] as const) {
    for (const mode of ['tunnel', 'transport'] as const) {
      it(`${mode} mode, IPv${String(family)}: both ends learn it, TCP goes on, and senders are told`, async () => {
        const whole = scenario({ mode, family, cabling: 'routers' });
        await onBench({ kernel: 'embedded', peer: 'in.iked', scenario: whole }, async (bench) => {
          await bench.untilPing();
          await assertCarries(bench, 'esp');
          const mtu = family === 6 ? SMALLEST_IPV6 : NARROW - OUTER_IPV4 - ESP;
          const version = `-${String(family)}`;
          const show = [version, '-n', bench.network.ours[0], 'route', 'show', 'table', '4500'];
          await eventually('the route has the limit', 5, async () => {
            return (await succeed('ip', show)).includes(` mtu ${String(mtu)} `) || undefined;
          });
          const [{ from, to }] = whole.traffic;
          const long = ['-n', '-c', '1', '-W', '1', '-M', 'do', '-s', String(mtu), '-I', from, to];
          const { status, stdout, stderr } = await bench.at('ours', 'ping', ...long);
          assert.notEqual(status, 0);
          assert.match(stdout + stderr, new RegExp(`mtu[ =:]+${String(mtu)}`, 'i'));
          assert.match(
            bench.daemon.log(),
            new RegExp(`path to ${whole.place.peers.own[family]} takes packets of ${String(NARROW)} bytes`),
          );
        });
      });
    }
  }
});
