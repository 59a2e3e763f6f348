/** UDP sockets for IKE beside the IPsec of a kernel, made and bound by the addon: see ipsec-socket.c. */
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { addressBytes, type Endpoint, familyOf } from '../../services/net/address.js';
import type { SystemFault } from '../../services/ports/kernel-socket.js';
import { err, ok, type Result } from '../../services/result.js';
import type { Native } from './load-native.js';

export interface UdpDescriptorsOptions {
  /** Whether ESP in UDP that comes to this socket is for the kernel. */
  readonly takesEsp: (local: Endpoint) => boolean;
  /**
   * Who reads ESP in UDP that comes to this socket's port, from a socket of its own beside it, which is his to close.
   * Undefined: it comes to the socket itself, as it does where the kernel cannot tell the two apart.
   */
  readonly espReader?: (local: Endpoint) => ((descriptor: number) => void) | undefined;
  /** By what routing knows the packets of these sockets; undefined: they are like any. */
  readonly mark: () => number | undefined;
  /** IPsec policies of the kernel apply to IKE's own packets, if there are any. Told once, one sentence. */
  readonly notBypassed: (explanation: string) => void;
  /** The kernel has ESP and does not take it out of UDP: peers behind a NAT are not heard. */
  readonly notEncapsulated: (local: Endpoint, explanation: string) => void;
}

/** A bound socket that its owner closes, and what must be done once Node has it. */
export interface UdpDescriptor {
  readonly descriptor: number;
  readonly adopted: () => void;
}

const { ENOPROTOOPT, EOPNOTSUPP, EPERM } = constants.errno;

export function udpDescriptors(
  native: Native,
  options: UdpDescriptorsOptions,
): (local: Endpoint) => Result<UdpDescriptor, SystemFault> {
  const { takesEsp, espReader, mark, notBypassed, notEncapsulated } = options;
  let told = false;
  const opened = (local: Endpoint, prepare: (descriptor: number) => void): Result<number, SystemFault> => {
    const version = familyOf(local.address);
    const descriptor = native.udpSocket(version);
    if (descriptor < 0) return err(faultOf(-descriptor));
    const marked = mark();
    if (marked !== undefined) native.markSocket(descriptor, marked);
    const bypassFault = -native.bypassIpsec(descriptor, version);
    if (bypassFault !== 0 && !told) {
      told = true;
      notBypassed(whyNotBypassed(bypassFault));
    }
    prepare(descriptor);
    const fault = -native.bindTo(descriptor, addressBytes(local.address), local.port);
    if (fault === 0) return ok(descriptor);
    closeSync(descriptor);
    return err(faultOf(fault));
  };
  return (local) => {
    const reader = espReader?.(local);
    const main = opened(local, (descriptor) => {
      if (reader !== undefined) native.sharePort(descriptor);
      if (!takesEsp(local)) return;
      const fault = -native.encapsulateEsp(descriptor);
      if (fault !== 0) {
        notEncapsulated(local, `the kernel does not take ESP out of UDP here: ${faultOf(fault).code}`);
      }
    });
    if (!main.ok) return main;
    // The kernel must be able to tell them apart before there is a second one.
    if (reader !== undefined && native.splitEsp(main.value) === 0) {
      const beside = opened(local, (descriptor) => native.sharePort(descriptor));
      if (beside.ok) reader(beside.value);
    }
    return ok({
      descriptor: main.value,
      adopted: () => {
        native.keepPort(main.value);
      },
    });
  };
}

function whyNotBypassed(errno: number): string {
  switch (errno) {
    case EPERM:
      return 'IPsec policies of this host apply to the packets of IKE, too, for this user may not exempt them: run as root, or with CAP_NET_ADMIN.';
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      return 'The kernel of this host has no IPsec policies from which the packets of IKE would be exempt.';
    default:
      return `IPsec policies of this host apply to the packets of IKE, too: ${faultOf(errno).code}.`;
  }
}

function faultOf(errno: number): SystemFault {
  const code = getSystemErrorName(-errno);
  return { code, errno, message: code };
}
