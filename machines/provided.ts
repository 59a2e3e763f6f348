/** Placeholders for what a chart only names: running a chart without its implementations is a defect that shows at once. */
import { asJob, type JobLogic } from './job.js';

export function provided(name: string) {
  return (): void => {
    throw new Error(`effect ${name} was not provided`);
  };
}

export function job<Input>(name: string): JobLogic<Input> {
  return asJob(() => Promise.reject(new Error(`job ${name} was not provided`)));
}
