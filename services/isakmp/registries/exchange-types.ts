/** Exchange types of the ISAKMP header (RFC 2408 3.1; Quick Mode and New Group Mode: RFC 2409 appendix A). */
import { registry } from './registry.js';

export const EXCHANGE = {
  base: 1,
  mainMode: 2,
  authenticationOnly: 3,
  aggressive: 4,
  informational: 5,
  transaction: 6,
  quickMode: 32,
  newGroupMode: 33,
} as const;

export const EXCHANGE_TYPES = registry('exchange type', [
  { number: EXCHANGE.base, name: 'Base', source: 'RFC 2408 4.4' },
  { number: EXCHANGE.mainMode, name: 'Main Mode', source: 'RFC 2409 5', supported: true },
  { number: EXCHANGE.authenticationOnly, name: 'Authentication Only', source: 'RFC 2408 4.6' },
  { number: EXCHANGE.aggressive, name: 'Aggressive Mode', source: 'RFC 2409 5' },
  { number: EXCHANGE.informational, name: 'Informational', source: 'RFC 2409 5.7', supported: true },
  { number: EXCHANGE.transaction, name: 'Transaction', source: 'practice (Mode Config)' },
  { number: EXCHANGE.quickMode, name: 'Quick Mode', source: 'RFC 2409 5.5', supported: true },
  { number: EXCHANGE.newGroupMode, name: 'New Group Mode', source: 'RFC 2409 5.6' },
]);

export function exchangeName(number: number): string {
  return EXCHANGE_TYPES.nameOf(number);
}
