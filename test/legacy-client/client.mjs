/**
 * The genuine `@xstate/inspect` 0.8 on XState 4 as a client: `node client.mjs HOST:PORT/legacy` prints each frame that it
 * parses as one line of JSON, until it is ended.
 */
import WebSocket from 'ws';

globalThis.WebSocket = WebSocket;
const { createWebSocketReceiver } = await import('@xstate/inspect');

const [server] = process.argv.slice(2);
const receiver = createWebSocketReceiver({ server });
receiver.subscribe(
  (frame) => {
    const seen = { type: frame.type, sessionId: frame.sessionId };
    if (frame.type === 'service.register') {
      seen.machine = frame.machine.id;
      seen.states = frame.machine.stateIds;
    }
    if (frame.state !== undefined) {
      seen.value = frame.state.toStrings().at(-1);
      seen.inside = frame.state.toStrings();
      seen.done = frame.state.done;
    }
    if (frame.type === 'service.event') seen.event = frame.event.name;
    console.log(JSON.stringify(seen));
  },
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
