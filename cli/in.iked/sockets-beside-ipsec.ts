/** The UDP sockets of IKE beside the IPsec of this host's kernel, where the addon is there to make them. */
import type { Native } from '../../adapters/native/load-native.js';
import { udpDescriptors, type UdpDescriptorsOptions } from '../../adapters/native/udp-descriptors.js';
import type { UdpSocketsOptions } from '../../adapters/udp/udp-sockets.js';
import type { EventStream } from '../../daemon/event-stream.js';

export function socketsBesideIpsec(
  native: Native | undefined,
  events: EventStream,
  { takesEsp, espReader, mark }: Pick<UdpDescriptorsOptions, 'takesEsp' | 'espReader' | 'mark'>,
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
    ...(espReader === undefined ? {} : { espReader }),
    mark,
    notBypassed,
    notEncapsulated: (local, error) => {
      events.emit({ type: 'socket.error', local, error });
    },
  });
}
