/** The exchange charts with their effects: each made once, for all negotiations that will run it. */
import { aggressiveModeInitiator } from '../machines/aggressive-mode/initiator.js';
import { aggressiveModeResponder } from '../machines/aggressive-mode/responder.js';
import { mainModeInitiator } from '../machines/main-mode/initiator.js';
import { mainModeResponder } from '../machines/main-mode/responder.js';
import { quickModeInitiator } from '../machines/quick-mode/initiator.js';
import { quickModeResponder } from '../machines/quick-mode/responder.js';

export type ChartName =
  | 'main-mode-initiator'
  | 'main-mode-responder'
  | 'aggressive-mode-initiator'
  | 'aggressive-mode-responder'
  | 'quick-mode-initiator'
  | 'quick-mode-responder';

/** One of the exchange charts. */
export type ExchangeMachine =
  | typeof mainModeInitiator
  | typeof mainModeResponder
  | typeof aggressiveModeInitiator
  | typeof aggressiveModeResponder
  | typeof quickModeInitiator
  | typeof quickModeResponder;

/** A last look at a chart before it is used; a test takes a transition out here and sees the protocol fail. */
export type ChartPreparation = (name: ChartName, chart: ExchangeMachine) => ExchangeMachine;

type Implementations = Parameters<typeof mainModeInitiator.provide>[0];

export function exchangeMachines(
  implementations: Implementations,
  prepare: ChartPreparation = (_name, chart) => chart,
): Readonly<Record<ChartName, ExchangeMachine>> {
  return {
    'main-mode-initiator': prepare('main-mode-initiator', mainModeInitiator.provide(implementations)),
    'main-mode-responder': prepare('main-mode-responder', mainModeResponder.provide(implementations)),
    'aggressive-mode-initiator': prepare(
      'aggressive-mode-initiator',
      aggressiveModeInitiator.provide(implementations),
    ),
    'aggressive-mode-responder': prepare(
      'aggressive-mode-responder',
      aggressiveModeResponder.provide(implementations),
    ),
    'quick-mode-initiator': prepare('quick-mode-initiator', quickModeInitiator.provide(implementations)),
    'quick-mode-responder': prepare('quick-mode-responder', quickModeResponder.provide(implementations)),
  };
}
