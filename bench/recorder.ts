/**
 * What the flight recorder costs: two daemons, one with it, as it is by default, and one without. bench/README.md explains it.
 * `npm run bench -- recorder`; `BENCH_HANDSHAKES` sets the handshakes of each (default 4000).
 */
import { measureInTurn, sayInTurn } from './ike/in-turn.js';
import type { Suite } from './ike/roots.js';

const HANDSHAKES = Number(process.env.BENCH_HANDSHAKES ?? 4000);
/** What the recorder keeps is full after it. */
const WARM_UP = 1500;
const SUITES: readonly Suite[] = [
  { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 },
  { name: 'modp2048', group: 14, method: 'preshared', strangers: 0 },
];

let port = 20_000 + (process.pid % 20_000);
for (const suite of SUITES) {
  const results = await measureInTurn(
    suite,
    [
      { name: 'without recorder', flags: ['--no-record'] },
      { name: 'with recorder', flags: [] },
    ],
    { handshakes: HANDSHAKES, warmUp: WARM_UP, port },
  );
  sayInTurn('recorder', suite, HANDSHAKES, results);
  port += 4;
}
process.exit();
