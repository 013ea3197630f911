import type { OrderMedication } from '../../prescriptions/order/index.js';
import type { FhirSource } from './fhir-references.js';
import { medication, type Concept, type Medication, type Quantity } from './fhir-resources.js';
import { isOf, type SystemName } from './fhir-systems.js';
import { readSchedule } from './script-codes.js';
import type { Draft } from './values.js';

/** What a MedicationRequest says about the product itself. */
export function medicationOf(source: FhirSource): Draft<OrderMedication> {
  const found = resourceOf(source);
  const concept = source.request.medicationCodeableConcept ?? found?.code;
  return {
    description: concept?.text ?? concept?.coding?.find((coding) => coding.display !== undefined)?.display,
    ndc: codeOf(concept, 'ndc'),
    rxnormCode: codeOf(concept, 'rxnorm'),
    strength: strengthOf(found),
    form: found?.form?.coding?.find((coding) => coding.code !== undefined)?.code ?? found?.form?.text,
  };
}

/** The code of HL7 table 0477 decides; the NCI code beside it, when there is one, is what a SCRIPT sender wrote. */
export function scheduleOf(source: FhirSource): Draft<OrderMedication> {
  const codings = [...(source.request.extension ?? []), ...(resourceOf(source)?.extension ?? [])].flatMap(
    (extension) => [
      ...(extension.valueCodeableConcept?.coding ?? []),
      ...(extension.valueCoding ? [extension.valueCoding] : []),
    ],
  );
  const word = codings.find((coding) => isOf(coding.system, 'schedule'))?.code;
  const thesaurus = codings.find((coding) => isOf(coding.system, 'ncit'))?.code;
  return { schedule: readSchedule(word ?? thesaurus), scheduleCode: thesaurus ?? word };
}

function resourceOf(source: FhirSource): Medication | undefined {
  return source.resolve(source.request.medicationReference, 'Medication', medication);
}

function codeOf(concept: Concept | undefined, system: SystemName): string | undefined {
  return concept?.coding?.find((coding) => isOf(coding.system, system))?.code;
}

/** The strength of a product with one ingredient; several ingredients are in its description. */
function strengthOf(found: Medication | undefined): string | undefined {
  const [ingredient, ...others] = found?.ingredient ?? [];
  if (others.length > 0) return undefined;
  const { numerator, denominator } = ingredient?.strength ?? {};
  if (!numerator) return undefined;
  const isOfOne = denominator?.value === 1 && (denominator.unit ?? denominator.code ?? '1') === '1';
  return denominator && !isOfOne ? `${measured(numerator)}/${measured(denominator)}` : measured(numerator);
}

function measured({ value, unit, code }: Quantity): string {
  return [value, unit ?? code].filter((part) => part !== undefined).join(' ');
}
