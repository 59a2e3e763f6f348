/** What the administrator may ask about PKCS#11 tokens. Whether the caller is authorised is checked before. */
import type { Bytes } from '../bytes.js';
import type { Result } from '../result.js';
import type { DoorError } from './door/door-error.js';

export interface TokenAdministration {
  /**
   * Unlocks the keys of the token `label` (without its padding). `pin` is wiped when it returns. NO_TOKEN when the login
   * fails or the token has nothing of ours; IN_PROGRESS while another login to it runs.
   */
  loginToken(label: string, pin: Bytes): Promise<Result<void, DoorError>>;
  /** Its keys cannot be used from now on; negotiations that wait for one fail with a reason. */
  logoutToken(label: string): Promise<Result<void, DoorError>>;
}
