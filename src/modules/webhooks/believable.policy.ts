const dayMs = 86_400_000;
/** A clock set to the wrong zone is half a day ahead at most. */
const mostAheadMs = dayMs;
/** No carrier, pharmacy or shop of today has told anything before. */
const earliest = Date.UTC(2000, 0, 1);

/** Whether a time has not come yet: the year 9999 would stand as the latest word for ever. */
export function isAhead(time: Date, receivedAt: Date): boolean {
  return time.getTime() - receivedAt.getTime() > mostAheadMs;
}

/** Whether something can have happened when a vendor says so. */
export function isBelievable(time: Date, receivedAt: Date): boolean {
  return !isAhead(time, receivedAt) && time.getTime() >= earliest;
}
