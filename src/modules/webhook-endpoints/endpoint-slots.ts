/** Calls at once to one endpoint: a slow one must not hold the places of all others. */
const mostAtOnce = 4;

/** Counts the calls of this process under way, by endpoint. */
export class EndpointSlots {
  private readonly taken = new Map<string, number>();

  /** @returns false when the endpoint is busy enough */
  take(endpointId: string): boolean {
    const count = this.taken.get(endpointId) ?? 0;
    if (count >= mostAtOnce) return false;
    this.taken.set(endpointId, count + 1);
    return true;
  }

  release(endpointId: string): void {
    const left = (this.taken.get(endpointId) ?? 1) - 1;
    if (left > 0) this.taken.set(endpointId, left);
    else this.taken.delete(endpointId);
  }
}
