/** Every failure code has at least one. */
import { CERTIFICATES } from './certificates.js';
import { IDENTITIES } from './identities.js';
import { LIFE } from './life.js';
import { OFFERS } from './offers.js';
import type { Provocation } from './provocation.js';

export const PROVOCATIONS: readonly Provocation[] = [...OFFERS, ...IDENTITIES, ...CERTIFICATES, ...LIFE];
