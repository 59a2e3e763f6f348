/** The events of `@statelyai/inspect` 0.7, made from ours: any of its receivers can follow the negotiations. */
import type { StampedEvent } from '../../../services/ports/events.js';
import type { ChartDescription, NegotiationView } from '../../../services/ports/inspection.js';
import type { BridgeFrames } from './bridge.js';
import { chartConfig, eventTypeOf, stateValue, type Json } from './chart-config.js';

/** Of the package whose events these are. */
const VERSION = '0.7.2';

type Frame = Readonly<Record<string, Json | null>>;
type StateEvent = Extract<StampedEvent, { type: 'negotiation.state' }>;

export const STATELY: BridgeFrames = {
  begun: (view, chart, wall) => [
    {
      type: '@xstate.actor',
      name: view.chart,
      definition: JSON.stringify(chartConfig(chart, 5)),
      snapshot: snapshotOf(chart, view, view.active, {}),
      ...(view.parent === undefined ? {} : { parentId: view.parent }),
      ...common(view.id, wall),
    },
  ],
  happened: (event, view, chart, wall) => framesOf(event, view, chart, wall),
  // It has no frame for an actor that is gone: the last snapshot is done or in error.
  gone: () => [],
};

function framesOf(
  event: StampedEvent,
  view: NegotiationView,
  chart: ChartDescription,
  wall: number,
): readonly Frame[] {
  if (event.type === 'negotiation.transition') {
    const [edge = ''] = event.edges;
    return [{ type: '@xstate.event', event: { type: eventTypeOf(edge) }, ...common(view.id, wall) }];
  }
  if (event.type !== 'negotiation.state') return [];
  return [
    {
      type: '@xstate.snapshot',
      event: { type: '' },
      snapshot: snapshotOf(chart, view, event.active, event.context),
      ...common(view.id, wall),
    },
  ];
}

function common(sessionId: string, wall: number): Frame {
  return { sessionId, rootId: sessionId, createdAt: String(Math.round(wall)), id: null, _version: VERSION };
}

/** Of the context only what the chart allows to be seen. */
function snapshotOf(
  chart: ChartDescription,
  view: NegotiationView,
  active: readonly string[],
  context: StateEvent['context'],
): Json {
  const inside = chart.nodes.filter(({ id }) => active.includes(id));
  const ended = inside.some(({ type, parent }) => type === 'final' && parent === chart.nodes[0]?.id);
  return {
    status: ended ? 'done' : 'active',
    value: stateValue(chart, active),
    context,
    children: {},
    historyValue: {},
    tags: [...new Set(inside.flatMap(({ tags }) => tags))],
    ...(view.outcome === undefined ? {} : { output: view.outcome }),
  };
}
