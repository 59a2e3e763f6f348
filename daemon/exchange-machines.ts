/** The exchange charts with their effects: each made once, for all negotiations that will run it. */
import { aggressiveModeInitiator } from '../machines/aggressive-mode/initiator.js';
import { aggressiveModeResponder } from '../machines/aggressive-mode/responder.js';
import { mainModeInitiator } from '../machines/main-mode/initiator.js';
import { mainModeResponder } from '../machines/main-mode/responder.js';
import { quickModeInitiator } from '../machines/quick-mode/initiator.js';
import { quickModeResponder } from '../machines/quick-mode/responder.js';
import { interpretByTables } from './interpreter/interpreter.js';

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
  prepare?: ChartPreparation,
): Readonly<Record<ChartName, ExchangeMachine>> {
  const ready = (name: ChartName, chart: ExchangeMachine): ExchangeMachine => {
    const machine = prepare?.(name, chart) ?? chart;
    interpretByTables(machine);
    return machine;
  };
  return {
    'main-mode-initiator': ready('main-mode-initiator', mainModeInitiator.provide(implementations)),
    'main-mode-responder': ready('main-mode-responder', mainModeResponder.provide(implementations)),
    'aggressive-mode-initiator': ready(
      'aggressive-mode-initiator',
      aggressiveModeInitiator.provide(implementations),
    ),
    'aggressive-mode-responder': ready(
      'aggressive-mode-responder',
      aggressiveModeResponder.provide(implementations),
    ),
    'quick-mode-initiator': ready('quick-mode-initiator', quickModeInitiator.provide(implementations)),
    'quick-mode-responder': ready('quick-mode-responder', quickModeResponder.provide(implementations)),
  };
}
