import type { OrderAddress, OrderPatient, OrderPrescriber } from '../../modules/prescriptions/order/index.js';
import { deaCheckDigit, npiCheckDigit } from '../../modules/directory/identifiers/index.js';
import { fictionalPhone, placesOf, type UsState } from './places.js';
import { Random } from './random.js';

const firstNames = {
  female: ['Ava', 'Camille', 'Deborah', 'Elena', 'Grace', 'Hannah', 'Imani', 'Keiko', 'Lucía', 'Mei', 'Nora', 'Priya'],
  male: ['Aaron', 'Caleb', 'Diego', 'Ethan', 'Farid', 'Gabriel', 'Hiro', 'Isaac', 'Jamal', 'Liam', 'Mateo', 'Owen'],
} as const;

const lastNames = [
  'Abbott',
  'Bautista',
  'Castillo',
  'Delgado',
  'Espinoza',
  'Fitzgerald',
  'García',
  'Hoffman',
  'Ivanova',
  'Johansson',
  'Kowalski',
  'Lindqvist',
  'Mbeki',
  'Nakamura',
  "O'Neil",
  'Petrov',
  'Quinn',
  'Rahman',
  'Smith-Jones',
  'Thompson',
  'Underwood',
  'Vasquez',
  'Whitfield',
  'Yamada',
] as const;

const streets = ['Maple Ave', 'Oak St', 'Cedar Ln', 'Washington Blvd', 'Lake Dr', '2nd St', 'Hillcrest Rd', 'Main St'];

const PRESCRIBERS_PER_STATE = 3;

/** An adult: under 19 an order needs height and weight. The line keeps phones of one state apart. */
export function aPatient(random: Random, state: UsState, serial: string, line: number, year: number): OrderPatient {
  const gender = random.pick(['female', 'male'] as const);
  const firstName = random.pick(firstNames[gender]);
  const lastName = random.pick(lastNames);
  return {
    externalId: `P-${serial}`,
    firstName,
    ...(random.chance(0.2) && { middleName: random.pick(firstNames[gender]) }),
    lastName,
    birthDate: `${random.int(year - 88, year - 20)}-${two(random.int(1, 12))}-${two(random.int(1, 28))}`,
    gender,
    // example.com is kept free for such use (RFC 2606).
    email: `${mailbox(firstName)}.${mailbox(lastName)}.${serial}@example.com`,
    phone: fictionalPhone(state, line),
    address: anAddress(random, state),
  };
}

/** One of three prescribers of a state; the same seed always meets the same ones. */
export function aPrescriber(random: Random, seed: number, state: UsState): OrderPrescriber {
  const which = random.int(1, PRESCRIBERS_PER_STATE);
  const own = new Random(`prescriber ${seed} ${state} ${which}`);
  const lastName = own.pick(lastNames);
  return {
    npi: validNpi(own),
    dea: validDea(own, lastName),
    spi: own.digits(13),
    firstName: own.pick([...firstNames.female, ...firstNames.male]),
    lastName,
    phone: fictionalPhone(state, own.int(0, 99)),
    address: anAddress(own, state),
  };
}

function anAddress(random: Random, state: UsState): OrderAddress {
  const { city, zip } = random.pick(placesOf(state));
  return {
    line1: `${random.int(1, 9899)} ${random.pick(streets)}`,
    ...(random.chance(0.15) && { line2: `Apt ${random.int(1, 60)}` }),
    city,
    state,
    zip,
  };
}

/** Type 1, an individual. */
function validNpi(random: Random): string {
  const firstNine = `1${random.digits(8)}`;
  return `${firstNine}${npiCheckDigit(firstNine)}`;
}

/** A practitioner's registration: A, B or F, then the initial of the last name. */
function validDea(random: Random, lastName: string): string {
  const firstSix = random.digits(6);
  return `${random.pick(['A', 'B', 'F'])}${lastName.charAt(0)}${firstSix}${deaCheckDigit(firstSix)}`;
}

function mailbox(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-zA-Z]/g, '')
    .toLowerCase();
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
