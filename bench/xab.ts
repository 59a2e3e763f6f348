import { withEnds } from './ike/measure.js';
const group = Number(process.env.XG ?? 2);
const N = Number(process.env.N ?? 6000), W = Number(process.env.W ?? 6000), R = Number(process.env.R ?? 3);
const variants = (process.env.XV ?? 'base|').split(';').map((v) => { const [name, flags, dflags] = v.split('|'); return { name: name!, flags: (flags ?? '').split(' ').filter(Boolean), dflags: (dflags ?? '').split(' ').filter(Boolean), ms: [] as number[] }; });
let port = 20000 + (process.pid % 20000);
for (let r = 0; r < R; r++) for (const v of r % 2 ? [...variants].reverse() : variants) {
  const plan: any = { handshakes: 0, warmUp: 0, pace: { window: 16 }, peers: 1_000_000, failing: 0, flags: v.dflags, nodeFlags: v.flags, port: port += 2, profile: false, steadySeconds: 0 };
  await withEnds({ name: 'x', group: group as any, method: 'preshared', strangers: 0 }, plan, async (daemon, load) => {
    await load.run(W, { window: 16 });
    const before = await daemon.ask({ ask: 'cpu' });
    const { established } = await load.run(N, { window: 16 });
    const after = await daemon.ask({ ask: 'cpu' });
    v.ms.push((after.cpuMs - before.cpuMs) / established);
  });
}
const mean = (a: number[]) => a.reduce((s, x) => s + x, 0) / a.length;
const b = mean(variants[0]!.ms);
for (const v of variants) { const m = mean(v.ms); const rel = v.ms.map((x, i) => x / variants[0]!.ms[i]! * 100 - 100); const rm = mean(rel); console.log(v.name.padEnd(16), m.toFixed(3), `${rm.toFixed(1)} % SE ${Math.sqrt(mean(rel.map((x) => (x - rm) ** 2)) / (rel.length - 1)).toFixed(1)}`, v.ms.map((x) => x.toFixed(3)).join(' ')); }
process.exit();
