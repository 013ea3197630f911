export const severities = ['blocks', 'warns', 'informs'] as const;
export type Severity = (typeof severities)[number];

export interface FindingDefinition {
  severity: Severity;
  /** A sentence for the prescriber; {name} takes a word about drug, quantity or fill, nothing that tells who the patient is. */
  message: string;
  /** Hold or reject reason of VA Inbound ePrescribing, where one fits. */
  vaCode?: string;
}

const define = <Codes extends string>(
  table: Record<Codes, FindingDefinition>,
): Readonly<Record<Codes, FindingDefinition>> => table;

const blocks = (message: string, vaCode?: string): FindingDefinition => ({
  severity: 'blocks',
  message,
  ...(vaCode !== undefined && { vaCode }),
});
const warns = (message: string, vaCode?: string): FindingDefinition => ({
  ...blocks(message, vaCode),
  severity: 'warns',
});

/** Nothing anybody has to look into. */
const informs = (message: string, vaCode?: string): FindingDefinition => ({
  ...blocks(message, vaCode),
  severity: 'informs',
});

/** Everything validation can say. Codes are the contract: they are stored, counted and translated, never renamed. */
export const findingCodes = define({
  'patient.first-name-missing': blocks('The first name of the patient is missing.', 'PTT02'),
  'patient.last-name-missing': blocks('The last name of the patient is missing.', 'PTT02'),
  'patient.name-has-digits': warns('The name of the patient contains digits; please check it.', 'PTT02'),
  'patient.birth-date-missing': blocks('The birth date of the patient is missing.', 'PTT02'),
  'patient.birth-date-unreadable': blocks('The birth date of the patient is not a date.', 'PTT02'),
  'patient.birth-date-impossible': blocks('The birth date lies in the future or more than 125 years ago.', 'PTT02'),
  'patient.birth-date-differs': blocks('The birth date is not the one on file for this patient.', 'PTT02'),
  'patient.last-name-differs': warns('The last name is not the one on file for this patient.', 'PTT02'),
  'patient.first-name-differs': warns('The first name is not the one on file for this patient.', 'PTT02'),
  'patient.state-missing': blocks('The state of the patient is missing.', 'PTT03'),
  'patient.state-unknown': blocks('The state of the patient is not a US state, territory or military region.', 'PTT03'),
  'patient.zip-missing': blocks('The ZIP code of the patient is missing.', 'PTT03'),
  'patient.zip-malformed': blocks('The ZIP code of the patient must have five digits, or nine with a hyphen.', 'PTT03'),
  'patient.zip-unknown': warns('The ZIP code of the patient is not one we know.', 'PTT03'),
  'patient.zip-outside-state': blocks('The ZIP code of the patient does not lie in the stated state.', 'PTT03'),
  'patient.street-missing': warns('The street or city of the patient is missing; it is needed before shipping.', 'HBA'),
  'patient.address-differs': warns(
    'The address is not the one on file; this order goes to the address it states.',
    'PTT03',
  ),
  'patient.contact-missing': blocks('Neither a phone number nor an email address of the patient was given.', 'PTT02'),
  'patient.phone-unusable': warns('The phone number of the patient cannot be dialled as written.'),
  'patient.email-unusable': warns('The email address of the patient cannot be written to.'),
  'patient.unidentified': blocks(
    'Nothing given tells this patient from others; please add a phone number, an email address or a record number.',
    'PTT02',
  ),
  'patient.vitals-missing': warns('Height and weight are expected for a patient under 19.', 'ERR03'),

  'prescriber.name-missing': blocks('The name of the prescriber is missing.', 'PVD02'),
  'prescriber.npi-missing': blocks('The NPI of the prescriber is missing.', 'PVD02'),
  'prescriber.npi-invalid': blocks(
    'The NPI of the prescriber is not a valid number; please check its digits.',
    'PVD02',
  ),
  'prescriber.phone-unusable': warns('The phone number of the prescriber cannot be dialled as written.'),
  'prescriber.dea-missing': blocks('A controlled substance needs the DEA number of the prescriber.', 'HIS'),
  'prescriber.dea-invalid': blocks('The DEA number is not a valid number; please check its letters and digits.', 'HIS'),
  'prescriber.dea-unneeded-invalid': warns('The DEA number is not valid, although this drug does not need one.', 'HIS'),
  'prescriber.dea-cannot-prescribe': blocks('This kind of DEA registration does not allow prescribing.', 'PVD04'),
  'prescriber.dea-name-differs': warns('The DEA number does not begin with the initial of the last name.', 'HIS'),
  'prescriber.mid-level-schedule-two': warns(
    'The DEA number is one of a mid-level practitioner; some states do not let them prescribe schedule II.',
    'HCR',
  ),

  'controlled.signature-missing': blocks('A controlled substance needs a digitally signed prescription.', 'PVD03'),
  'controlled.patient-address-missing': blocks(
    'A controlled substance needs the full address of the patient.',
    'PTT03',
  ),
  'controlled.prescriber-address-missing': blocks(
    'A controlled substance needs the full address of the prescriber.',
    'PVD04',
  ),

  'drug.description-missing': blocks('The drug description is missing.', 'ERR03'),
  'drug.description-too-long': blocks('The drug description is longer than 105 characters.', 'ERR03'),
  'drug.compound': blocks(
    'This is a compound of several ingredients, which we do not fill; please send it to a compounding pharmacy.',
    'DRU02',
  ),
  'drug.code-missing': warns(
    'Neither an NDC nor an RxNorm code was given; a pharmacist has to choose the product.',
    'HRX',
  ),
  'drug.ndc-invalid': blocks('The NDC {ndc} is not in a known layout.', 'ERR03'),
  'drug.ndc-ambiguous': blocks(
    'The NDC {ndc} has ten digits and no hyphens; it may mean {candidates}. Please send it with hyphens or with 11 digits.',
    'ERR03',
  ),
  'drug.ndc-six-digit-labeler': blocks(
    'The NDC {ndc} has a labeler of six digits, which cannot be billed yet.',
    'ERR03',
  ),
  'drug.not-in-directory': warns('The NDC {ndc} is not in our drug directory.', 'HRX'),
  'drug.differs-from-directory': warns(
    'The NDC belongs to {directoryDrug}, which the description does not mention.',
    'HRX',
  ),
  'drug.strength-differs': blocks(
    'The order says {ordered}, but the NDC belongs to {directoryDrug} ({strength}); please correct the one that is wrong.',
    'HRX',
  ),
  'drug.strengths-contradict': warns(
    'The description says {described}, the strength of the order {stated}; please check which one is meant.',
    'HRX',
  ),
  'drug.schedule-one': blocks('Schedule I substances cannot be prescribed.', 'DRU06'),
  'drug.schedule-unknown': blocks(
    'The schedule code is not one we know; please state the schedule (II, III, IV or V), or "none" as the schedule code.',
    'ERR03',
  ),
  'drug.schedule-differs': blocks(
    'The stated schedule is not the one of this drug, which is schedule {schedule}.',
    'HRX',
  ),
  'drug.schedule-needed': blocks(
    'The description names {ingredient}, a controlled substance; please state its schedule ({schedule}).',
    'HRX',
  ),
  'drug.schedule-unsaid': warns('The schedule was not stated; this drug is schedule {schedule}.', 'HRX'),
  'drug.schedule-unexpected': warns('A schedule was stated for a drug that is not federally controlled.', 'HRX'),

  'quantity.missing': blocks('The quantity is missing.', 'DRU04'),
  'quantity.not-positive': blocks('The quantity must be more than zero.', 'DRU04'),
  'quantity.too-large': blocks('The quantity {quantity} is larger than a claim can carry.', 'DRU04'),
  'quantity.unit-milligram': blocks(
    'The quantity {quantity} is stated in milligrams; {request} tablets, capsules, millilitres, grams or pieces.',
    'DRU04',
  ),
  'quantity.unit-not-billable': warns(
    'The unit {unit} of the quantity is not one a plan can be billed in; {request} tablets, capsules, millilitres, grams or pieces.',
    'HQY',
  ),
  'quantity.unit-differs-from-directory': blocks(
    'The directory counts and prices this drug in the unit {unit}; {request} it.',
    'DRU04',
  ),
  'quantity.unit-differs-from-form': warns('The unit of the quantity does not fit the form of the drug.', 'HQY'),
  'days-supply.missing': blocks('The days supply is missing.', 'HQY'),
  'days-supply.out-of-range': blocks('The days supply must be a whole number from 1 to 365.', 'HQY'),

  'sig.missing': blocks('The directions for the patient are missing.', 'ERR03'),
  'sig.too-long': warns('The directions are longer than 1000 characters; the rest was not read.', 'HRX'),
  'sig.verb-missing': informs('The directions do not say what to do (take, apply, inject).', 'HRX'),
  'sig.route-missing': informs('The directions do not say by which route the drug is given.', 'HRX'),
  'sig.as-directed': warns(
    'The directions say "as directed" without saying how; the patient needs a dose and a time.',
    'HRX',
  ),
  'sig.names-other-drug': blocks('The directions name {otherDrug}, which is not the drug prescribed.', 'ERR03'),
  'sig.error-prone-abbreviation': warns(
    'The directions use "{abbreviation}", which is easily misread; write {instead}.',
    'HRX',
  ),
  'sig.unit-differs-from-quantity': warns(
    'The directions count {sigUnit}s, the quantity counts {quantityUnit}s.',
    'HQY',
  ),
  'sig.quantity-differs': warns(
    'By the directions {expected} are needed for the days supply, but {quantity} are prescribed.',
    'HQY',
  ),
  'sig.quantity-far-off': blocks(
    'By the directions {expected} are needed for the days supply, but {quantity} are prescribed, more than three times off.',
    'DRU04',
  ),
  'sig.course-ends-early': warns(
    'By the directions the course ends after {days} days, when {expected} are used up, but {quantity} are prescribed.',
    'HQY',
  ),

  'written-date.missing': blocks('The date written is missing.', 'HWR'),
  'written-date.unreadable': blocks('The date written is not a date.', 'HWR'),
  'written-date.future': blocks('The date written lies in the future.', 'HWR'),
  'written-date.too-old': blocks('The prescription was written too long ago to be filled for the first time.', 'HWR'),
  'refills.missing': blocks('The number of refills is missing.', 'HQY'),
  'refills.out-of-range': blocks('The number of refills must be a whole number from 0 to 99.', 'HQY'),
  'refills.schedule-two': blocks('Schedule II drugs cannot be refilled; the number of refills must be 0.', 'HQY'),
  'refills.more-than-five': blocks('Schedule III to V drugs can be refilled at most 5 times.', 'HQY'),
  'earliest-fill.unreadable': blocks('The earliest fill date is not a date.', 'HWR'),
  'earliest-fill.before-written': warns('The earliest fill date lies before the date written.', 'HWR'),
  'earliest-fill.after-expiry': blocks(
    'The earliest fill date lies after the last day on which this may be filled.',
    'HWR',
  ),
  'earliest-fill.ahead': warns('The earliest fill date lies ahead; the prescription is not filled before it.', 'HWR'),
  'latest-fill.unreadable': blocks('The last day on which this may be filled is not a date.', 'HWR'),
  'latest-fill.passed': blocks('The last day on which the prescriber lets this be filled has passed.', 'HWR'),
  'schedule-two.over-90-days': blocks(
    'Schedule II prescriptions of one day may together supply at most 90 days.',
    'HQY',
  ),
  'history.duplicate-therapy': warns(
    'The patient still has supply from an earlier prescription of this drug.',
    'DRU03',
  ),
  'history.refill-too-soon': blocks(
    'The last fill of this drug is not used up yet: it may be filled again from {earliest} on. Please set that day as the earliest fill date, or state why it is to be filled before.',
    'DRU03',
  ),
});

export type FindingCode = keyof typeof findingCodes;
