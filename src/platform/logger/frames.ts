const mostFrames = 8;

/** Where it happened, without the message: messages of libraries hold data, on several lines at times, any of which may look like a frame. */
export function framesOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  return thrown.stack
    ?.replace(thrown.message, '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, mostFrames)
    .join('\n');
}
