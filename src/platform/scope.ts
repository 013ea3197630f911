import { AsyncLocalStorage } from 'node:async_hooks';
import { isPromise } from 'node:util/types';

/**
 * What holds for a piece of work and everything it calls, however deep. An AsyncLocalStorage that rests while nobody works in
 * it: in Node 20 and 22 one that was used once makes every promise of the process dearer for ever, an eighth of what the API
 * does for a request, and workers and webhook doors never ask.
 */
export class Scope<T> {
  private readonly storage = new AsyncLocalStorage<T>();
  private working = 0;

  /** Undefined outside any work. */
  current(): T | undefined {
    return this.storage.getStore();
  }

  /** Until `work` ends, or what it promised is settled. Nothing that goes on unawaited after that may ask. */
  run<R>(value: T, work: () => R): R {
    this.working += 1;
    let result: R;
    try {
      result = this.storage.run(value, work);
    } catch (error) {
      this.leave();
      throw error;
    }
    if (isPromise(result)) result.then(this.leave, this.leave);
    else this.leave();
    return result;
  }

  private readonly leave = (): void => {
    this.working -= 1;
    if (this.working === 0) this.storage.disable();
  };
}
