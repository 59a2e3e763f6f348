/** Who an end says it is: four ways of writing one name. */
import type { AddressPair } from './addresses.js';

/** Identity types of RFC 2407 4.6.2 that Phase 1 uses here. */
export type IdentityKind = 'address' | 'fqdn' | 'user_fqdn' | 'dn';

export interface Identity {
  /** One word: `east` is `east.example`, `admin@east.example` and `C=CH, O=Interop, CN=east`. */
  readonly name: string;
  readonly kind: IdentityKind;
}

export function fqdn(name: string): string {
  return `${name}.example`;
}

export function mailbox(name: string): string {
  return `admin@${fqdn(name)}`;
}

export function distinguishedName(name: string): string {
  return `C=CH, O=Interop, CN=${name}`;
}

/** As charon's `id` wants it; `family`'s address is the one under which the end presents itself. */
export function identityText({ name, kind }: Identity, own: AddressPair, family: 4 | 6): string {
  switch (kind) {
    case 'address':
      return own[family];
    case 'fqdn':
      return fqdn(name);
    case 'user_fqdn':
      return mailbox(name);
    case 'dn':
      return distinguishedName(name);
  }
}
