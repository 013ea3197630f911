import type { z } from 'zod';
import { FormatError } from './format-error.js';
import { bundle, medicationRequest, typed, type MedicationRequest, type Reference } from './fhir-resources.js';
import { isUnderstood } from './fhir-modifiers.js';
import { check } from './order.schema.js';

interface Known {
  type: string;
  keys: readonly string[];
  resource: unknown;
}

/** The MedicationRequest of a body and everything that came with it. References are looked up there and nowhere else. */
export class FhirSource {
  private constructor(
    readonly request: MedicationRequest,
    /** YYYY-MM-DD */
    readonly today: string,
    private readonly own: Known,
    private readonly known: readonly Known[],
  ) {}

  /** @throws FormatError when the body is not one MedicationRequest or a Bundle with exactly one. */
  static of(body: unknown, today: string): FhirSource {
    const type = typeOf(body);
    const entries = type === 'Bundle' ? entriesOf(body) : [knownOf(body, undefined)];
    const requests = entries.filter((entry) => entry.type === 'MedicationRequest');
    if (type !== 'Bundle' && requests.length === 0) throw new FormatError('intake.fhir-not-a-resource');
    const [only, ...others] = requests;
    if (!only || others.length > 0) throw new FormatError('intake.fhir-one-request');
    const request = read(medicationRequest, only.resource);
    const contained = (request.contained ?? []).map((resource) => knownOf(resource, '#'));
    return new FhirSource(request, today, only, [...contained, ...entries]);
  }

  /** The resource a reference names, when it is of that type and came along. */
  resolve<T>(reference: Reference | undefined, type: string, schema: z.ZodType<T>): T | undefined {
    const found = this.find(reference, type);
    return found && read(schema, found.resource);
  }

  /** Whether the order itself is meant; "#" is what contains the resource that refers. */
  isRequest(reference: Reference): boolean {
    return reference.reference === '#' || this.find(reference, 'MedicationRequest') === this.own;
  }

  all<T>(type: string, schema: z.ZodType<T>): T[] {
    return this.known.flatMap((one) => (one.type === type ? [read(schema, one.resource)] : []));
  }

  private find(reference: Reference | undefined, type: string): Known | undefined {
    const target = reference?.reference;
    if (target === undefined) return undefined;
    const relative = /([A-Za-z]{1,64}\/[A-Za-z0-9.-]{1,64})(?:\/_history\/[^/]{1,64})?$/.exec(target)?.[1];
    return (
      this.known.find((one) => one.type === type && one.keys.includes(target)) ??
      this.known.find((one) => one.type === type && relative !== undefined && one.keys.includes(relative))
    );
  }
}

/** What the order is read from must mean what it says. */
function read<T>(schema: z.ZodType<T>, resource: unknown): T {
  if (!isUnderstood(resource)) throw new FormatError('intake.fhir-not-an-order');
  return check(schema, resource, 'intake.fhir-invalid');
}

function typeOf(resource: unknown): string {
  const result = typed.safeParse(resource);
  if (!result.success) throw new FormatError('intake.fhir-not-a-resource');
  return result.data.resourceType;
}

function entriesOf(body: unknown): Known[] {
  const { entry = [], ...frame } = check(bundle, body, 'intake.fhir-invalid');
  if (!isUnderstood(frame)) throw new FormatError('intake.fhir-not-an-order');
  return entry.flatMap(({ fullUrl, resource }) =>
    resource === undefined ? [] : [knownOf(resource, undefined, fullUrl)],
  );
}

function knownOf(resource: unknown, prefix: '#' | undefined, fullUrl?: string): Known {
  const type = typeOf(resource);
  const id = check(typed, resource, 'intake.fhir-invalid').id;
  const own = id === undefined ? [] : [prefix === '#' ? `#${id}` : `${type}/${id}`];
  const tail = fullUrl === undefined ? undefined : /([A-Za-z]{1,64}\/[A-Za-z0-9.-]{1,64})$/.exec(fullUrl)?.[1];
  return {
    type,
    keys: [...own, ...(fullUrl === undefined ? [] : [fullUrl]), ...(tail === undefined ? [] : [tail])],
    resource,
  };
}
