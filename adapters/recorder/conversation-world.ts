/** What is the same for all conversations that are recorded. */
import type { Clock } from '../../services/ports/clock.js';
import type { Keys } from '../../services/ports/keys.js';
import type { Blanks } from './blanks.js';
import type { ReelLimits } from './reel.js';

export interface ConversationWorld {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly limits: ReelLimits;
  readonly blanks: Blanks;
  /** Numbers entries across conversations. */
  readonly next: () => number;
}
