/**
 * What a port answers that may have to wait: the value itself where it did not. `await` takes both; a promise costs some
 * microseconds, and a handshake asks for eight such answers.
 */
export type MaybePromise<T> = T | Promise<T>;

/** What follows on an answer, at once where it is there. What `next` throws then is thrown here. */
export function whenAnswered<T, R>(
  answer: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return answer instanceof Promise ? answer.then(next) : next(answer);
}
