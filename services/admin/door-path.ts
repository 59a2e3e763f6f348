/** Where the door is, below a root. */

/** `ROOT/var/run/ike_door`; the root of the system is `/`. */
export function doorPath(root: string): string {
  return `${root.replace(/\/+$/, '')}/var/run/ike_door`;
}

/** Beside the door: for logging in to PKCS#11 tokens, and open to a group. */
export function tokenDoorPath(root: string): string {
  return `${root.replace(/\/+$/, '')}/var/run/ike_token_door`;
}
