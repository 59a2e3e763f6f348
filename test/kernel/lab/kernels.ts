/** The kernels that are proved here, by the name that `--kernel` has for them. */
export const KERNELS = ['pfkey', 'xfrm'] as const;

export type KernelName = (typeof KERNELS)[number] | 'auto';
