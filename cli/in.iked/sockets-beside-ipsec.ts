/** The UDP sockets of IKE beside the IPsec of this host's kernel, where the addon is there to make them. */
import type { Native } from '../../adapters/native/load-native.js';
import { udpDescriptors } from '../../adapters/native/udp-descriptors.js';
import type { UdpSocketsOptions } from '../../adapters/udp/udp-sockets.js';
import type { EventStream } from '../../daemon/event-stream.js';
import type { Endpoint } from '../../services/net/address.js';

/** `takesEsp`: ESP in UDP that comes to the socket is for the kernel. */
export function socketsBesideIpsec(
  native: Native | undefined,
  events: EventStream,
  takesEsp: (local: Endpoint) => boolean,
): UdpSocketsOptions['openBound'] {
  const notBypassed = (explanation: string): void => {
    events.emit({ type: 'socket.not-bypassed', explanation });
  };
  if (native === undefined) {
    notBypassed(
      'IPsec policies of this host apply to the packets of IKE, too, for the native addon is not there: run "npm run build".',
    );
    return undefined;
  }
  return udpDescriptors(native, {
    takesEsp,
    notBypassed,
    notEncapsulated: (local, error) => {
      events.emit({ type: 'socket.error', local, error });
    },
  });
}
