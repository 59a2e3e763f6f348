/** The same scenario with us at either end of it. */
import assert from 'node:assert/strict';
import type { Pair } from './lab.js';
import { assertSameSas } from './same-sas.js';
import { installedSas, type SaFacts } from './sa-log.js';
import type { Traffic } from './scenario.js';

/** Our daemon's part in it. */
export type Role = 'initiator' | 'responder';
export const ROLES: readonly Role[] = ['initiator', 'responder'];

/** Negotiates what protects this traffic; it must succeed. */
export async function establish(role: Role, { daemon, charon }: Pair, traffic: Traffic): Promise<void> {
  if (role === 'initiator') {
    const answer = await daemon.up(traffic);
    assert.equal(answer.outcome, 'established', answer.failure?.explanation);
  } else {
    assert.equal(await charon.initiate(traffic.name), true, 'charon established it');
  }
}

/** Negotiates the first traffic; both ends hold the same SAs and one Phase 1 afterwards. Returns the SAs. */
export async function assertEstablishes(role: Role, pair: Pair): Promise<readonly SaFacts[]> {
  await establish(role, pair, pair.scenario.traffic[0]);
  const sas = await assertSameSas(pair.daemon, pair.charon);
  assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
  assert.equal(await pair.daemon.phase1Held(), 1);
  return sas;
}

/** The first traffic is refused, and neither end has installed anything. Returns the code of our daemon's failure. */
export async function refusal(role: Role, { daemon, charon, scenario }: Pair): Promise<string> {
  const [traffic] = scenario.traffic;
  let code: string;
  if (role === 'initiator') {
    const answer = await daemon.up(traffic);
    assert.equal(answer.outcome, 'failed');
    assert.notEqual(answer.failure?.hint ?? '', '');
    code = answer.failure?.code ?? '';
  } else {
    assert.equal(await charon.initiate(traffic.name), false, 'charon fails');
    code = await daemon.failure(15);
  }
  assert.deepEqual(installedSas(daemon.saLines()), []);
  assert.deepEqual(installedSas(charon.saLines()), []);
  return code;
}
