/** What a browser would run or load, if a client ever took a message for HTML. `<5 mg` and `a < b` are text. */
const active = [
  /<\/?(?:script|style|i?frame|object|embed|applet|svg|math|img|image|video|audio|link|meta|base|form|template|html|body)\b/iu,
  /<[a-z][^<>]*\s(?:on[a-z]+|href|src|srcdoc|style)\s*=/iu,
  /\b(?:javascript|vbscript)\s*:/iu,
  /\bdata\s*:\s*text\/html/iu,
] as const;

/** Messages are plain text. Whoever sends more than that is refused, so that no client has to be trusted with it. */
export function isPlainText(text: string): boolean {
  return !active.some((pattern) => pattern.test(text));
}
