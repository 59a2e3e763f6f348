/** Exit statuses of `in.iked`: what a service manager does next depends on them. */
import type { StartFault } from '../../machines/daemon.js';

/** SMF_EXIT_ERR_FATAL and SMF_EXIT_ERR_PERM of smf_method(7): the service goes to maintenance. */
const SMF_FATAL = 95;
const SMF_PERMISSION = 100;

/** The restarter names the service in the environment of its methods. */
export function exitStatus(
  fault: StartFault,
  environment: { readonly SMF_FMRI?: string | undefined },
): number {
  if (environment.SMF_FMRI === undefined) return 1;
  return fault === 'permission' ? SMF_PERMISSION : SMF_FATAL;
}

/** What stands under the reasons, as the original prints it. */
export function lastWords(
  fault: StartFault,
  environment: { readonly SMF_FMRI?: string | undefined },
): string {
  const service = environment.SMF_FMRI;
  if (service === undefined) return 'Fatal error - exiting.';
  switch (fault) {
    case 'permission':
      return `Permission error with ${service}.`;
    case 'configuration':
      return `Bad configuration of service ${service}.`;
    case 'environment':
      return `Service ${service} fatal error.`;
  }
}
