import type { DeaSchedule, OrderCoverage } from '../../prescriptions/order/index.js';

/** Code systems and identifier systems of FHIR R4 as US senders use them; the first of a list is the one we write. */
export const systems = {
  npi: ['http://hl7.org/fhir/sid/us-npi', 'urn:oid:2.16.840.1.113883.4.6'],
  dea: [
    'urn:oid:2.16.840.1.113883.4.814',
    'http://hl7.org/fhir/sid/us-dea',
    'http://terminology.hl7.org/NamingSystem/usdea',
  ],
  ncpdp: [
    'http://terminology.hl7.org/NamingSystem/NCPDPProviderIdentificationNumber',
    'urn:oid:2.16.840.1.113883.4.1186',
    'http://hl7.org/fhir/sid/ncpdp',
  ],
  ndc: ['http://hl7.org/fhir/sid/ndc', 'urn:oid:2.16.840.1.113883.6.69'],
  rxnorm: ['http://www.nlm.nih.gov/research/umls/rxnorm', 'urn:oid:2.16.840.1.113883.6.88'],
  icd10: ['http://hl7.org/fhir/sid/icd-10-cm', 'http://hl7.org/fhir/sid/icd-10'],
  loinc: ['http://loinc.org'],
  schedule: ['http://terminology.hl7.org/CodeSystem/v2-0477', 'http://hl7.org/fhir/v2/0477'],
  /** NCI Thesaurus: the units and schedules SCRIPT uses. */
  ncit: ['http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl', 'http://ncithesaurus-stage.nci.nih.gov'],
  coverageClass: ['http://terminology.hl7.org/CodeSystem/coverage-class'],
  relationship: ['http://terminology.hl7.org/CodeSystem/subscriber-relationship'],
  identifierType: ['http://terminology.hl7.org/CodeSystem/v2-0203'],
  timing: ['http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation', 'http://hl7.org/fhir/v3/GTSAbbreviation'],
  ucum: ['http://unitsofmeasure.org'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>;

export type SystemName = keyof typeof systems;

export function isOf(system: string | undefined, name: SystemName): boolean {
  const known: readonly string[] = systems[name];
  return system !== undefined && known.includes(system);
}

/** No extension is standardised for the schedule of a drug; readers go by the code system of its value (v2-0477). */
export const SCHEDULE_EXTENSION = 'urn:pharmonico:dea-schedule';

/** HL7 table 0477. */
export const scheduleWords: ReadonlySet<string> = new Set<DeaSchedule>(['II', 'III', 'IV', 'V']);

type Relationship = NonNullable<OrderCoverage['relationship']>;

export const relationshipCodes: Readonly<Record<Relationship, string>> = {
  '1': 'self',
  '2': 'spouse',
  '3': 'child',
  '4': 'other',
};

/** Whatever is neither the cardholder nor spouse nor child is "other" to a claim (NCPDP 306-C6). */
export function readRelationship(code: string | undefined): Relationship | undefined {
  if (code === undefined) return undefined;
  if (code === 'self') return '1';
  if (code === 'spouse' || code === 'common') return '2';
  return code === 'child' ? '3' : '4';
}
