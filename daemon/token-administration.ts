/** What the door may ask about tokens, answered by their pool. */
import type { DoorError } from '../services/admin/door/door-error.js';
import type { TokenAdministration } from '../services/admin/token-administration.js';
import { err, ok } from '../services/result.js';
import type { TokenPool } from './token-pool.js';

export function tokenAdministration(tokens: TokenPool): TokenAdministration {
  const unknown = (label: string): DoorError => ({
    name: 'NO_TOKEN',
    details: [`Nothing in etc/inet/secret/ike.privatekeys refers to a token "${label}".`],
  });
  return {
    async loginToken(label, pin) {
      try {
        const done = await tokens.login(label, pin);
        if (done.ok) return ok(undefined);
        if (done.error === 'unknown') return err(unknown(label));
        if (done.error === 'in-progress') return err({ name: 'IN_PROGRESS' });
        return err({ name: 'NO_TOKEN', details: [done.error.message] });
      } finally {
        pin.fill(0);
      }
    },
    async logoutToken(label) {
      const done = await tokens.logout(label);
      return done.ok ? ok(undefined) : err(unknown(label));
    },
  };
}
