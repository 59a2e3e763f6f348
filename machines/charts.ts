/** Every chart by the name under which it is drawn, watched and tested. */
import type { AnyStateMachine } from 'xstate';
import { acquire } from './acquire.js';
import { admission } from './admission.js';
import { daemon } from './daemon.js';
import { aggressiveModeInitiator } from './aggressive-mode/initiator.js';
import { aggressiveModeResponder } from './aggressive-mode/responder.js';
import { ipsecSa } from './ipsec-sa.js';
import { isakmpSa } from './isakmp-sa.js';
import { mainModeInitiator } from './main-mode/initiator.js';
import { mainModeResponder } from './main-mode/responder.js';
import { quickModeInitiator } from './quick-mode/initiator.js';
import { quickModeResponder } from './quick-mode/responder.js';
import { token } from './token.js';

export const CHARTS: Readonly<Record<string, AnyStateMachine>> = {
  daemon,
  admission,
  acquire,
  'main-mode-initiator': mainModeInitiator,
  'main-mode-responder': mainModeResponder,
  'aggressive-mode-initiator': aggressiveModeInitiator,
  'aggressive-mode-responder': aggressiveModeResponder,
  'quick-mode-initiator': quickModeInitiator,
  'quick-mode-responder': quickModeResponder,
  'isakmp-sa': isakmpSa,
  'ipsec-sa': ipsecSa,
  token,
};
