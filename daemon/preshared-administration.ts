/** Pre-shared keys at run time: what the door may ask and change. Every change is one replacement of the settings, or none. */
import type { DoorError } from '../services/admin/door/door-error.js';
import { IDENTITY_TYPE, type IdentityRecord } from '../services/admin/door/identity.js';
import { entryFrom } from '../services/admin/listing.js';
import type {
  PresharedAdministration,
  PresharedMatch,
  PresharedView,
} from '../services/admin/preshared-administration.js';
import { formatDiagnostic, formatPosition } from '../services/config/diagnostic.js';
import {
  identityText,
  parsePreshared,
  type PresharedReading,
  samePair,
} from '../services/config/ike-preshared.js';
import { readIdentity } from '../services/config/preshared-value.js';
import { writePreshared } from '../services/config/write-preshared.js';
import type { Address } from '../services/net/address.js';
import type { PresharedIdentity, PresharedKey } from '../services/policy/preshared-key.js';
import type { Events } from '../services/ports/events.js';
import type { FileFault, Files } from '../services/ports/files.js';
import type { KeyHandle, Keys } from '../services/ports/keys.js';
import { err, ok } from '../services/result.js';
import type { ConfigurationInUse } from './configuration.js';
import { dataInvalid, EEXIST, noteAll } from './rule-administration.js';

export interface PresharedAdministrationOptions {
  readonly configuration: ConfigurationInUse;
  readonly files: Pick<Files, 'readSecret'>;
  /** The default place. */
  readonly presharedPath: string;
  readonly isRefreshing: () => boolean;
}

const ERRNO = { missing: 2, permission: 13, insecure: 13, unreadable: 5 } as const;

interface KeptReading extends PresharedReading {
  readonly handles: readonly KeyHandle[];
}

export function presharedAdministration(
  { events, keys: store }: { readonly events: Events; readonly keys: Keys },
  { configuration, files, presharedPath, isRefreshing }: PresharedAdministrationOptions,
): PresharedAdministration {
  const entries = (): readonly PresharedKey[] => configuration.settings.presharedKeys;
  const viewOf = (entry: PresharedKey, withKey: boolean): PresharedView =>
    withKey ? { entry, key: Uint8Array.from(store.bytes(entry.key)) } : { entry };
  const replace = (presharedKeys: readonly PresharedKey[]): void => {
    configuration.replace({ ...configuration.settings, presharedKeys });
  };
  const read = (text: string, source: string): KeptReading => {
    const handles: KeyHandle[] = [];
    const reading = parsePreshared(text, source, (bytes) => {
      const handle = store.put(bytes);
      handles.push(handle);
      return handle;
    });
    return { ...reading, handles };
  };
  return {
    presharedFrom: (from, withKey) => {
      const numbered = entries().map((entry, index) => ({ entry, number: index + 1 }));
      const listed = entryFrom(numbered, ({ number }) => number, from);
      return listed && { entry: viewOf(listed.entry.entry, withKey), next: listed.next };
    },
    findPreshared: (match, withKey) => {
      const [first] = matching(entries(), match);
      return first && viewOf(first, withKey);
    },
    addPreshared: (text, source) => {
      const { keys, duplicates, diagnostics, handles } = read(text, source);
      const refuse = (error: DoorError) => {
        store.erase(...handles);
        return err(error);
      };
      if (keys === undefined) return refuse(dataInvalid(diagnostics));
      const [added] = keys;
      if (added === undefined || keys.length + duplicates > 1)
        return refuse(notOne(source, keys.length + duplicates));
      const twin = entries().find((entry) => samePair(entry, added));
      if (twin !== undefined) return refuse(duplicate(twin));
      noteAll(events, diagnostics);
      replace([...entries(), added]);
      configuration.report('key added', ends(added));
      return ok(undefined);
    },
    deletePreshared: (match) => {
      const gone = new Set(matching(entries(), match));
      if (gone.size === 0) return 0;
      replace(entries().filter((entry) => !gone.has(entry)));
      for (const entry of gone) configuration.report('keys deleted', ends(entry));
      return gone.size;
    },
    readPreshared: (from) => {
      if (isRefreshing()) return Promise.resolve(err({ name: 'IN_PROGRESS' }));
      const source = from?.source ?? presharedPath;
      const text = from === undefined ? files.readSecret(presharedPath) : ok(from.text);
      if (!text.ok) return Promise.resolve(err(unreadable(text.error)));
      const { keys, duplicates, diagnostics } = read(text.value, source);
      if (keys === undefined) return Promise.resolve(err(dataInvalid(diagnostics)));
      noteAll(events, diagnostics);
      replace(keys);
      configuration.report('keys replaced', source);
      return Promise.resolve(
        duplicates === 0
          ? ok(undefined)
          : err({ name: 'DUP_IGNORED', details: diagnostics.map(formatDiagnostic) }),
      );
    },
    writePreshared: () =>
      entries().length === 0 ? undefined : writePreshared(entries(), (key) => store.bytes(key)),
  };
}

/**
 * Addresses name the entry for exactly these two; where none is, one for a network whose first address it is. Identities
 * are compared as they would be in the file.
 */
function matching(entries: readonly PresharedKey[], match: PresharedMatch): readonly PresharedKey[] {
  if ('localIdentity' in match)
    return entries.filter(
      ({ local, remote }) =>
        isIdentity(local, match.localIdentity) && isIdentity(remote, match.remoteIdentity),
    );
  const exact = entries.filter(
    ({ local, remote }) => isAddress(local, match.local) && isAddress(remote, match.remote),
  );
  if (exact.length > 0) return exact;
  return entries.filter(
    ({ local, remote }) => beginsAt(local, match.local) && beginsAt(remote, match.remote),
  );
}

function isAddress(identity: PresharedIdentity, address: Address): boolean {
  return beginsAt(identity, address) && 'range' in identity && identity.range.end === address;
}

function beginsAt(identity: PresharedIdentity, address: Address): boolean {
  return 'range' in identity && identity.range.begin === address;
}

/** The types of ike.preshared(5) by their SADB number (usr/src/cmd/cmd-inet/usr.sbin/ipsecutils/ikeadm.c). */
const IDENTITY_TYPES: Readonly<Record<number, readonly PresharedIdentity['type'][]>> = {
  [IDENTITY_TYPE.reserved]: ['address', 'prefix'],
  [IDENTITY_TYPE.prefix]: ['address', 'prefix'],
  [IDENTITY_TYPE.fqdn]: ['fqdn'],
  [IDENTITY_TYPE.user_fqdn]: ['user_fqdn'],
  [IDENTITY_TYPE.dn]: ['dn'],
  [IDENTITY_TYPE.gn]: ['gn'],
  [IDENTITY_TYPE.keyid]: ['keyid'],
  [IDENTITY_TYPE.range]: ['range'],
};

function isIdentity(identity: PresharedIdentity, wanted: IdentityRecord): boolean {
  if (!(IDENTITY_TYPES[wanted.type] ?? []).includes(identity.type)) return false;
  if (!('range' in identity)) return identity.text === wanted.text;
  const family = wanted.text.includes(':') ? 6 : 4;
  const type = identity.type === 'range' ? 'range' : 'address';
  const read = readIdentity(wanted.text, { type, family });
  return 'value' in read && identityText(identity) === identityText(read.value);
}

function ends({ local, remote }: PresharedKey): string {
  return `${identityText(local)} with ${identityText(remote)}`;
}

function notOne(source: string, count: number): DoorError {
  const found = count === 0 ? 'no key' : `${String(count)} keys`;
  return {
    name: 'DATA_INVALID',
    details: [`${source} holds ${found}; expected exactly one: a file with several is read, not added.`],
  };
}

function duplicate(twin: PresharedKey): DoorError {
  return {
    name: 'SYS_ERR',
    errno: EEXIST,
    details: [
      `There is a key for ${ends(twin)} already (${formatPosition(twin.position)}): delete that one first.`,
    ],
  };
}

function unreadable({ reason, message }: FileFault): DoorError {
  return { name: 'SYS_ERR', errno: ERRNO[reason], details: [message] };
}
