/**
 * The frames of `@xstate/inspect` 0.8, which knows XState 4 only: values are JSON inside JSON, and a state has the
 * members that `State.create` of XState 4 reads.
 */
import type { StampedEvent } from '../../../services/ports/events.js';
import type { ChartDescription, NegotiationView } from '../../../services/ports/inspection.js';
import type { BridgeFrames } from './bridge.js';
import { chartConfig, eventTypeOf, stateValue, type Json } from './chart-config.js';

type Frame = Readonly<Record<string, Json>>;

const BEGIN = 'xstate.init';

export const LEGACY: BridgeFrames = {
  begun: (view, chart) => [
    {
      type: 'service.register',
      machine: JSON.stringify(chartConfig(chart, 4)),
      state: JSON.stringify(stateOf(chart, view.id, view.active, {}, BEGIN)),
      id: view.chart,
      sessionId: view.id,
      ...(view.parent === undefined ? {} : { parent: view.parent }),
    },
  ],
  happened: (event, view, chart) => framesOf(event, view, chart),
  gone: (id) => [{ type: 'service.stop', sessionId: id }],
};

function framesOf(event: StampedEvent, view: NegotiationView, chart: ChartDescription): readonly Frame[] {
  switch (event.type) {
    case 'negotiation.transition': {
      const [edge = ''] = event.edges;
      return [
        {
          type: 'service.event',
          event: JSON.stringify(scxmlEvent(eventTypeOf(edge))),
          sessionId: view.id,
        },
      ];
    }
    case 'negotiation.state':
      return [
        {
          type: 'service.state',
          state: JSON.stringify(stateOf(chart, view.id, event.active, event.context, '')),
          sessionId: view.id,
        },
      ];
    case 'negotiation.ended':
      return [{ type: 'service.stop', sessionId: view.id }];
    default:
      return [];
  }
}

function scxmlEvent(name: string): Json {
  return { name, data: { type: name }, $$type: 'scxml', type: 'external' };
}

function stateOf(
  chart: ChartDescription,
  sessionId: string,
  active: readonly string[],
  context: Readonly<Record<string, Json>>,
  event: string,
): Json {
  const inside = chart.nodes.filter(({ id }) => active.includes(id));
  return {
    value: stateValue(chart, active),
    context,
    event: { type: event },
    _event: scxmlEvent(event),
    _sessionid: sessionId,
    actions: [],
    activities: {},
    meta: {},
    events: [],
    configuration: [],
    transitions: [],
    children: {},
    tags: [...new Set(inside.flatMap(({ tags }) => tags))],
    done: inside.some(({ type, parent }) => type === 'final' && parent === chart.nodes[0]?.id),
  };
}
