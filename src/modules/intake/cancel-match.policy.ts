import { comparableLastName, normalizeNdc } from '../directory/index.js';
import type { PrescriptionOrder } from '../prescriptions/order/index.js';
import type { ScriptCancel } from './formats/script.js';
import { isCalendarDate } from './formats/values.js';

/** What together points at one order of one patient; nothing of it is a key, so it is never more than a suggestion. */
export interface CancelClues {
  prescriberNpi: string;
  lastName: string;
  birthDate: string;
  writtenDate: string;
  /** As received and in every form of 11 digits it may have; empty when the description must do. */
  ndcs: readonly string[];
  description: string | undefined;
}

/**
 * The third way of NCPDP CancelRx: prescriber, patient, drug and written date. @returns undefined when one of them is
 * missing or cannot be read: fewer would point at strangers
 */
export function cluesOf(cancel: ScriptCancel): CancelClues | undefined {
  const { prescriberNpi, patientLastName, birthDate, writtenDate, ndc, description } = cancel;
  if (prescriberNpi === undefined || patientLastName === undefined || birthDate === undefined) return undefined;
  if (writtenDate === undefined || !isStorableDate(writtenDate) || !isCalendarDate(birthDate)) return undefined;
  if (ndc === undefined && description === undefined) return undefined;
  const lastName = comparableLastName(patientLastName);
  if (lastName === '') return undefined;
  return { prescriberNpi, lastName, birthDate, writtenDate, ndcs: formsOf(ndc), description };
}

/** True when the order names the same prescriber and the same patient. */
export function namesSamePeople(clues: CancelClues, { prescriber, patient }: PrescriptionOrder): boolean {
  return (
    prescriber.npi === clues.prescriberNpi &&
    patient.birthDate === clues.birthDate &&
    patient.lastName !== undefined &&
    comparableLastName(patient.lastName) === clues.lastName
  );
}

type Named = readonly [meant: string | undefined, stated: string | undefined];

/**
 * True when both name somebody and not the same. Prescribers number alike, so an order number alone may be a stranger's; what
 * one of them does not say contradicts nothing.
 */
export function namesOthers(cancel: ScriptCancel, order: PrescriptionOrder): boolean {
  return peopleOf(cancel, order).some(([meant, stated]) => isSaid(meant) && isSaid(stated) && meant !== stated);
}

/**
 * True when an order of the same number is worth a look: a birth date or a name that was mended, or a colleague who signs for
 * another, leaves the rest of the people as they were.
 */
export function mayNameThem(cancel: ScriptCancel, order: PrescriptionOrder): boolean {
  const agreesInOne = peopleOf(cancel, order).some(([meant, stated]) => isSaid(meant) && meant === stated);
  return agreesInOne || !namesOthers(cancel, order);
}

function peopleOf(cancel: ScriptCancel, { prescriber, patient }: PrescriptionOrder): Named[] {
  const lastName = (name: string | undefined) => comparableLastName(name ?? '');
  return [
    [cancel.prescriberNpi, prescriber.npi],
    [cancel.birthDate, patient.birthDate],
    [lastName(cancel.patientLastName), lastName(patient.lastName)],
  ];
}

function isSaid(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function formsOf(ndc: string | undefined): string[] {
  if (ndc === undefined) return [];
  const read = normalizeNdc(ndc);
  if (read.kind === 'ok') return [ndc, read.ndc11];
  return read.kind === 'ambiguous' ? [ndc, ...read.candidates] : [ndc];
}

/** PostgreSQL knows no year 0. */
function isStorableDate(date: string): boolean {
  return isCalendarDate(date) && /^[12]/.test(date);
}
