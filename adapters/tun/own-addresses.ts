/** Addresses of this host as its interfaces have them at this moment, without those of the loopback. */
import { networkInterfaces } from 'node:os';
import { type Address, parseAddress } from '../../services/net/address.js';

export interface OwnAddress {
  readonly address: Address;
  readonly device: string;
}

export function ownAddresses(): readonly OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([device, list]) =>
    (list ?? []).flatMap((info) => {
      const address = parseAddress(info.address);
      const usable = address !== undefined && address !== '::1' && !address.startsWith('127.');
      return usable ? [{ address, device }] : [];
    }),
  );
}
