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

type MakeSocket = (local: Endpoint, prepare: (descriptor: number) => void) => Result<number, SystemFault>;

/** Makes sockets past the IPsec of the kernel, prepares and binds them. */
function socketMaker(
  native: Native,
  { mark, notBypassed }: Pick<UdpDescriptorsOptions, 'mark' | 'notBypassed'>,
): MakeSocket {
  let told = false;
  return (local, prepare) => {
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
}

/** The kernel takes ESP out of UDP at this socket, where it shall. */
function takeEsp(
  native: Native,
  { takesEsp, notEncapsulated }: Pick<UdpDescriptorsOptions, 'takesEsp' | 'notEncapsulated'>,
  local: Endpoint,
  descriptor: number,
): void {
  if (!takesEsp(local)) return;
  const fault = -native.encapsulateEsp(descriptor);
  if (fault !== 0)
    notEncapsulated(local, `the kernel does not take ESP out of UDP here: ${faultOf(fault).code}`);
}

export function udpDescriptors(
  native: Native,
  options: UdpDescriptorsOptions,
): (local: Endpoint) => Result<UdpDescriptor, SystemFault> {
  const { espReader } = options;
  const opened = socketMaker(native, options);
  return (local) => {
    const reader = espReader?.(local);
    const main = opened(local, (descriptor) => {
      if (reader !== undefined) native.sharePort(descriptor);
      takeEsp(native, options, local, descriptor);
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

export interface SharedDescriptorsOptions extends Omit<UdpDescriptorsOptions, 'espReader'> {
  /** How many sockets share each port. */
  readonly count: number;
  /** Whether a marker stands before the messages of this socket (RFC 3948 2.2). */
  readonly isMarked: (local: Endpoint) => boolean;
}

/**
 * `count` sockets on the same address and port, in the order of their numbers: the n-th gets the negotiations that
 * `workerOfCookie` gives to n. All of them stay open as long as any: the kernel counts those that are there.
 */
export function sharedUdpDescriptors(
  native: Native,
  options: SharedDescriptorsOptions,
): (local: Endpoint) => Result<readonly number[], SystemFault> {
  const { count, isMarked } = options;
  const opened = socketMaker(native, options);
  return (local) => {
    // Who shares a port shares it with everybody of the same user: another daemon there would not be noticed.
    const alone = opened(local, () => undefined);
    if (!alone.ok) return alone;
    closeSync(alone.value);
    const descriptors: number[] = [];
    const giveUp = (fault: SystemFault): Result<never, SystemFault> => {
      for (const descriptor of descriptors) closeSync(descriptor);
      return err(fault);
    };
    for (let n = 0; n < count; n++) {
      let fault = 0;
      const socket = opened(local, (descriptor) => {
        fault = -native.sharePort(descriptor);
        takeEsp(native, options, local, descriptor);
      });
      if (!socket.ok) return giveUp(socket.error);
      descriptors.push(socket.value);
      if (fault !== 0) return giveUp(faultOf(fault));
      // Before there is a second one, for which the kernel would choose by addresses.
      if (n === 0) fault = -native.spreadByCookie(socket.value, count, isMarked(local) ? 1 : 0);
      if (fault !== 0) return giveUp(faultOf(fault));
    }
    return ok(descriptors);
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
