/**
 * The package pkcs11js, which is optional: it has no prebuilt binary, and npm leaves it out where its build fails. What is
 * used of it is written down here, so that the program compiles without it.
 */
import { createRequire } from 'node:module';
import { err, ok, type Result } from '../../services/result.js';
import type { TokenFault } from '../../services/ports/token-fault.js';

export type Handle = Buffer;

export interface Attribute {
  readonly type: number;
  readonly value?: number | boolean | string | Buffer;
}

export interface ReadAttribute {
  readonly type: number;
  readonly value: Buffer;
}

export interface Mechanism {
  readonly mechanism: number;
}

export interface KeyPairHandles {
  readonly publicKey: Handle;
  readonly privateKey: Handle;
}

/** Calls throw an `Error` with the return value in `code` or in the message, where the library gave one. */
export interface Pkcs11 {
  load(path: string): void;
  close(): void;
  C_Initialize(options: { readonly flags: number }): void;
  C_Finalize(): void;
  C_GetSlotList(present: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): {
    readonly label: string;
    readonly manufacturerID: string;
    readonly model: string;
    readonly serialNumber: string;
    readonly flags: number;
  };
  C_GetMechanismList(slot: Handle): number[];
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_GetSessionInfo(session: Handle): { readonly state: number };
  C_Login(session: Handle, userType: number, pin: string): void;
  C_Logout(session: Handle): void;
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void;
  C_FindObjects(session: Handle, most: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(session: Handle, object: Handle, template: readonly Attribute[]): ReadAttribute[];
  C_CreateObject(session: Handle, template: readonly Attribute[]): Handle;
  C_DestroyObject(session: Handle, object: Handle): void;
  C_GenerateKey(session: Handle, mechanism: Mechanism, template: readonly Attribute[]): Handle;
  C_GenerateKeyPair(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: readonly Attribute[],
    privateTemplate: readonly Attribute[],
  ): KeyPairHandles;
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_SignAsync(session: Handle, data: Buffer, out: Buffer): Promise<Buffer>;
  C_DecryptInit(session: Handle, mechanism: Mechanism, key: Handle): void;
  C_DecryptAsync(session: Handle, data: Buffer, out: Buffer): Promise<Buffer>;
}

interface Package {
  readonly PKCS11: new () => Pkcs11;
}

const MISSING =
  'PKCS#11 tokens need the optional package pkcs11js, which is not installed: it is compiled when it is installed. Install a C++ compiler, make and Python 3 (Debian: apt-get install g++ make python3), then run "npm install" again.';

function isPackage(loaded: unknown): loaded is Package {
  return typeof loaded === 'object' && loaded !== null && 'PKCS11' in loaded;
}

/** One object for each process: a library is initialised once (PKCS #11 v2.40, C_Initialize). */
export function loadBinding(): Result<Pkcs11, TokenFault> {
  try {
    const loaded: unknown = createRequire(import.meta.url)('pkcs11js');
    if (isPackage(loaded)) return ok(new loaded.PKCS11());
  } catch {
    // Not there, or compiled for another Node: the same is to be done about both.
  }
  return err({ reason: 'no-library', message: MISSING });
}
