import { npiCheckDigit } from '../modules/directory/identifiers/index.js';
import { catalog } from './catalog.js';

/** Invented pharmacies across states, of every kind routing has to tell apart. Plans are those of the sandbox's switch. */
export const plans = { commercial: '610011', deductible: '610012', medicare: '610013', coupon: '610020' } as const;

interface DemoPharmacy {
  name: string;
  kind: 'platform_label' | 'partner';
  street: string;
  city: string;
  state: string;
  zip: string;
  timeZone: string;
  licensedStates: readonly string[];
  schedules: readonly string[];
  networks: Readonly<Record<string, number>>;
  specialty?: boolean;
  openForOrders?: boolean;
  turnaroundHours: number;
  dispensingFeeCents: number;
  priceFactor: number;
}

const inEveryPlan = { [plans.commercial]: 1, [plans.deductible]: 2, [plans.medicare]: 2 };
const east = ['NY', 'NJ', 'CT', 'PA', 'MA', 'FL', 'GA', 'NC'];
const south = ['TX', 'OK', 'LA', 'AR', 'NM', 'FL', 'GA'];
const west = ['CA', 'NV', 'AZ', 'OR', 'WA', 'UT', 'CO'];

const demoPharmacies: readonly DemoPharmacy[] = [
  {
    name: 'Harbor Pharmacy',
    kind: 'platform_label',
    street: '120 Broadway',
    city: 'New York',
    state: 'NY',
    zip: '10005',
    timeZone: 'America/New_York',
    licensedStates: east,
    schedules: ['II', 'III', 'IV', 'V'],
    networks: inEveryPlan,
    turnaroundHours: 12,
    dispensingFeeCents: 200,
    priceFactor: 1,
  },
  {
    name: 'Cedar Partner Pharmacy',
    kind: 'partner',
    street: '500 Congress Ave',
    city: 'Austin',
    state: 'TX',
    zip: '78701',
    timeZone: 'America/Chicago',
    licensedStates: south,
    schedules: ['III', 'IV', 'V'],
    networks: inEveryPlan,
    turnaroundHours: 24,
    dispensingFeeCents: 150,
    priceFactor: 0.95,
  },
  {
    name: 'Summit Pharmacy',
    kind: 'platform_label',
    street: '1 Market St',
    city: 'San Francisco',
    state: 'CA',
    zip: '94105',
    timeZone: 'America/Los_Angeles',
    licensedStates: west,
    schedules: ['II', 'III', 'IV', 'V'],
    networks: inEveryPlan,
    turnaroundHours: 18,
    dispensingFeeCents: 250,
    priceFactor: 1.05,
  },
  {
    name: 'Gulf Discount Pharmacy',
    kind: 'platform_label',
    street: '77 Biscayne Blvd',
    city: 'Miami',
    state: 'FL',
    zip: '33132',
    timeZone: 'America/New_York',
    licensedStates: ['FL', 'GA'],
    schedules: ['IV', 'V'],
    networks: { [plans.commercial]: 3 },
    turnaroundHours: 36,
    dispensingFeeCents: 100,
    priceFactor: 0.9,
  },
  {
    name: 'Old Mill Pharmacy',
    kind: 'platform_label',
    street: '9 Mill Rd',
    city: 'Boston',
    state: 'MA',
    zip: '02108',
    timeZone: 'America/New_York',
    licensedStates: east,
    schedules: ['IV', 'V'],
    networks: inEveryPlan,
    openForOrders: false,
    turnaroundHours: 8,
    dispensingFeeCents: 180,
    priceFactor: 1,
  },
  {
    name: 'Prairie Specialty Pharmacy',
    kind: 'platform_label',
    street: '233 S Wacker Dr',
    city: 'Chicago',
    state: 'IL',
    zip: '60606',
    timeZone: 'America/Chicago',
    licensedStates: ['IL', 'IN', 'WI', 'TX'],
    schedules: ['II', 'III', 'IV', 'V'],
    networks: { [plans.medicare]: 1 },
    specialty: true,
    turnaroundHours: 48,
    dispensingFeeCents: 900,
    priceFactor: 1,
  },
];

/** Bodies for `POST /api/pharmacies`. */
export const pharmacyBodies = demoPharmacies.map((pharmacy, index) => {
  const nineDigits = `19930000${index}`;
  return {
    ...pharmacy,
    npi: `${nineDigits}${npiCheckDigit(nineDigits)}`,
    ncpdpId: `450001${index}`,
    forms: ['tablet', 'capsule', 'cream', 'solution', 'pen'],
    dailyCapacity: 5_000,
    ...(pharmacy.kind === 'partner' && { lifefilePracticeId: `10${index}1` }),
  };
});

/** Body for `POST /api/drugs`. */
export const drugsBody = {
  drugs: catalog.map(({ ndc, name, genericName, strength, form, unit, unitPriceCents, schedule, specialty }) => ({
    ndc,
    name,
    genericName,
    strength,
    form,
    unit,
    unitPriceCents,
    ...(schedule !== undefined && { schedule }),
    ...(specialty !== undefined && { specialty }),
  })),
};

/** Body for `POST /api/coupons`: the maker's card of apixaban, billed as second payer. */
export const couponBody = {
  ndc: '70000010660',
  bin: plans.coupon,
  pcn: 'COUPON',
  groupId: 'SAVE10',
  cardholderPrefix: 'CPN',
};

/** Body for `POST /api/organizations`: a second one, so that there is something nobody of the first may see. */
export const organizationBody = { name: 'Lakeside Clinics', brand: 'Lakeside', timeZone: 'America/Chicago' };
