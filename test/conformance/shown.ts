/** Files of tests that many rows name. */
import { type Shown, testsOf } from './requirement.js';

export const sent = (title: string): Shown =>
  testsOf('conformance/sent-messages.test.ts')(`every message that a daemon sends ${title}`);
export const offers = testsOf('conformance/received-offers.test.ts');
export const received = testsOf('conformance/received-messages.test.ts');
export const rules = testsOf('services/isakmp/message-rules.test.ts');
export const verify = testsOf('services/isakmp/verify.test.ts');
export const bounds = testsOf('services/isakmp/bounds.test.ts');
export const header = testsOf('services/isakmp/header.test.ts');
export const phase1 = testsOf('daemon/phase1-pool.test.ts');
export const quick = testsOf('daemon/phase2-pool.test.ts');
/** What a peer's commit bit makes of us. */
export const committed = (title: string): Shown =>
  testsOf('daemon/quick-mode-extras.test.ts')(`the commit bit of a peer ${title}`);
export const informational = testsOf('daemon/informational.test.ts');
export const suites = testsOf('interop/suites.interop.ts');
export const dh = testsOf('adapters/crypto/diffie-hellman.test.ts');
export const timing = testsOf('sim/delivery-timing.test.ts');
export const tunnel = testsOf('sim/two-daemons.test.ts')(
  'two simulated daemons build a tunnel when a packet asks for it, with equal keys, and carry the packet',
);
export const aggressive = (title: string): Shown =>
  testsOf('sim/aggressive-mode.test.ts')(`Aggressive Mode with pre-shared keys ${title}`);
export const certified = (title: string): Shown =>
  testsOf('sim/certificate-methods.test.ts')(`Phase 1 with certificates ${title}`);
export const judged = (title: string): Shown =>
  testsOf('services/certs/judge.test.ts')(`the judgement of a peer's certificate ${title}`);
export const certificates = testsOf('conformance/certificate-payloads.test.ts');
export const rsa = testsOf('adapters/crypto/rsa.test.ts');
export const phase2 = (title: string): Shown => testsOf('sim/phase2-suites.test.ts')(`Phase 2 with ${title}`);
export const agreement = (title: string): Shown =>
  testsOf('services/proposal/phase2-agreement.test.ts')(`a Phase 2 transform ${title}`);
