/** What `-c` says, and where it says it. */
export interface Checked {
  readonly stdout: string;
  readonly stderr: string;
  readonly good: boolean;
}

/** What else of the command line decides about policies. */
export interface CheckedWith {
  /** Of the embedded kernel, if that one was named: whether it has a device. */
  readonly embedded: { readonly tun: boolean } | undefined;
}
