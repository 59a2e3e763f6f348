/** Where the door is, below a root. */

/** `ROOT/var/run/ike_door`; the root of the system is `/`. */
export function doorPath(root: string): string {
  return `${root.replace(/\/+$/, '')}/var/run/ike_door`;
}
