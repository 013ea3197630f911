import { z } from 'zod';

/** A body that was missed, as it was sent: text, or base64 where the bytes are not UTF-8. */
const line = z
  .strictObject({
    source: z.string().min(1).max(40),
    /** The word of the address it was sent to, at a door whose address names events; other doors leave it alone. */
    event: z.string().min(1).max(100).optional(),
    headers: z.record(z.string().max(100), z.string().max(4_000)).default({}),
    body: z.string().optional(),
    bodyBase64: z
      .string()
      .regex(/^[A-Za-z0-9+/\s]*={0,2}$/)
      .optional(),
  })
  .refine(({ body, bodyBase64 }) => (body === undefined) !== (bodyBase64 === undefined));

export interface MissedBody {
  source: string;
  event: string | undefined;
  headers: Record<string, string>;
  raw: Buffer;
}

/** @returns undefined when it is not a line of the documented form */
export function readImportLine(text: string): MissedBody | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = line.safeParse(value);
  if (!parsed.success) return undefined;
  const { source, event, headers, body, bodyBase64 = '' } = parsed.data;
  const raw = body === undefined ? Buffer.from(bodyBase64, 'base64') : Buffer.from(body);
  const lowered = Object.entries(headers).map(([name, content]) => [name.toLowerCase(), content] as const);
  return { source, event, headers: Object.fromEntries(lowered), raw };
}
