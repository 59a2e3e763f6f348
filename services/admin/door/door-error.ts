/** Why a door request was refused: the codes of IKE_SVC_ERROR. */

export const DOOR_ERROR = {
  NO_OBJ: 1,
  NO_DESC: 2,
  ID_INVALID: 3,
  LOC_INVALID: 4,
  CMD_INVALID: 5,
  DATA_INVALID: 6,
  CMD_NOTSUP: 7,
  REQ_INVALID: 8,
  NO_PRIV: 9,
  SYS_ERR: 10,
  DUP_IGNORED: 11,
  NO_TOKEN: 12,
  NO_AUTH: 13,
  IN_PROGRESS: 14,
  NO_MEM: 15,
} as const satisfies Readonly<Record<string, number>>;

export type DoorErrorName = keyof typeof DOOR_ERROR;

export interface DoorError {
  readonly name: DoorErrorName;
  /** `errno` of the host, with SYS_ERR only. */
  readonly errno?: number;
  /** Lines for the operator: what is wrong, where, and what to do. */
  readonly details?: readonly string[];
}

const TEXTS: Readonly<Record<DoorErrorName, string>> = {
  NO_OBJ: 'No data returned',
  NO_DESC: 'No destination provided',
  ID_INVALID: 'Id info invalid',
  LOC_INVALID: 'Destination invalid',
  CMD_INVALID: 'Command invalid',
  DATA_INVALID: 'Supplied data invalid',
  CMD_NOTSUP: 'Unknown command',
  REQ_INVALID: 'Request invalid',
  NO_PRIV: 'Not allowed at current privilege level',
  SYS_ERR: 'System error',
  DUP_IGNORED: 'One or more duplicate entries ignored',
  NO_TOKEN: 'token login failed or no objects on device',
  NO_AUTH: 'User not authorized',
  IN_PROGRESS: 'Duplicate operation already in progress',
  NO_MEM: 'Insufficient memory',
};

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(DOOR_ERROR).map(([name, code]) => [code, name]),
);

function isDoorErrorName(name: string | undefined): name is DoorErrorName {
  return name !== undefined && name in DOOR_ERROR;
}

export function doorErrorName(code: number): DoorErrorName | undefined {
  const name = NAMES.get(code);
  return isDoorErrorName(name) ? name : undefined;
}

/** What `ikeadm` prints for a code; a system error prints `systemText(errno)` instead. */
export function doorErrorText(code: number, errno: number, systemText: (errno: number) => string): string {
  const name = doorErrorName(code);
  if (name === undefined) return `<unknown error ${String(code)}>`;
  if (name === 'SYS_ERR') return errno === 0 ? '<unknown error>' : systemText(errno);
  return TEXTS[name];
}
