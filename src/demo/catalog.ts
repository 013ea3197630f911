import type { DeaSchedule } from '../modules/prescriptions/order/index.js';

/**
 * The invented drugs of the demo, the generator and the tests. Labeler 70000 is made up, so no line can be mistaken for a
 * real package. Prices are cash prices of one unit in cents.
 */
export interface CatalogDrug {
  /** 11 digits, 5-4-2 without hyphens. */
  ndc: string;
  name: string;
  genericName: string;
  strength: string;
  form: 'tablet' | 'capsule' | 'cream' | 'solution' | 'pen';
  /** NCI code of the quantity unit: C48542 tablet, C48480 capsule, C48155 gram, C28254 millilitre. */
  unit: 'C48542' | 'C48480' | 'C48155' | 'C28254';
  unitPriceCents: number;
  schedule?: DeaSchedule;
  /** Only pharmacies that stock specialty products fill it. */
  specialty?: boolean;
  quantity: number;
  daysSupply: number;
  sig: string;
}

export const catalog: readonly CatalogDrug[] = [
  {
    ndc: '70000010130',
    name: 'Lisinopril 10 mg tablet',
    genericName: 'lisinopril',
    strength: '10 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 90,
    quantity: 30,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth once daily',
  },
  {
    ndc: '70000010260',
    name: 'Metformin 500 mg tablet',
    genericName: 'metformin',
    strength: '500 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 45,
    quantity: 60,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth twice daily with meals',
  },
  {
    ndc: '70000010330',
    name: 'Atorvastatin 20 mg tablet',
    genericName: 'atorvastatin',
    strength: '20 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 110,
    quantity: 30,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth at bedtime',
  },
  {
    ndc: '70000010430',
    name: 'Sertraline 50 mg tablet',
    genericName: 'sertraline',
    strength: '50 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 85,
    quantity: 30,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth once daily in the morning',
  },
  {
    ndc: '70000010521',
    name: 'Amoxicillin 500 mg capsule',
    genericName: 'amoxicillin',
    strength: '500 mg',
    form: 'capsule',
    unit: 'C48480',
    unitPriceCents: 60,
    quantity: 21,
    daysSupply: 7,
    sig: 'Take 1 capsule by mouth three times daily for 7 days',
  },
  {
    ndc: '70000010660',
    name: 'Apixaban 5 mg tablet',
    genericName: 'apixaban',
    strength: '5 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 980,
    quantity: 60,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth twice daily',
  },
  {
    ndc: '70000010703',
    name: 'Semaglutide 1 mg pen',
    genericName: 'semaglutide',
    strength: '1 mg/0.75 mL',
    form: 'pen',
    unit: 'C28254',
    unitPriceCents: 31000,
    quantity: 3,
    daysSupply: 28,
    sig: 'Inject 0.75 mL under the skin once weekly',
  },
  {
    ndc: '70000010845',
    name: 'Tretinoin 0.05 % cream',
    genericName: 'tretinoin',
    strength: '0.05 %',
    form: 'cream',
    unit: 'C48155',
    unitPriceCents: 160,
    quantity: 45,
    daysSupply: 30,
    sig: 'Apply a thin layer to the face once daily at bedtime',
  },
  {
    ndc: '70000010912',
    name: 'Ondansetron 4 mg tablet',
    genericName: 'ondansetron',
    strength: '4 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 240,
    quantity: 12,
    daysSupply: 4,
    sig: 'Take 1 tablet by mouth every 8 hours as needed for nausea',
  },
  {
    ndc: '70000011030',
    name: 'Warfarin 5 mg tablet',
    genericName: 'warfarin',
    strength: '5 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 55,
    quantity: 30,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth once daily in the evening',
  },
  {
    ndc: '70000011110',
    name: 'Sildenafil 50 mg tablet',
    genericName: 'sildenafil',
    strength: '50 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 120,
    quantity: 10,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth once daily as needed',
  },
  {
    ndc: '70000011230',
    name: 'Amphetamine salts XR 20 mg capsule',
    genericName: 'amphetamine',
    strength: '20 mg',
    form: 'capsule',
    unit: 'C48480',
    unitPriceCents: 210,
    schedule: 'II',
    quantity: 30,
    daysSupply: 30,
    sig: 'Take 1 capsule by mouth once daily in the morning',
  },
  {
    ndc: '70000011330',
    name: 'Alprazolam 0.5 mg tablet',
    genericName: 'alprazolam',
    strength: '0.5 mg',
    form: 'tablet',
    unit: 'C48542',
    unitPriceCents: 70,
    schedule: 'IV',
    quantity: 30,
    daysSupply: 30,
    sig: 'Take 1 tablet by mouth at bedtime as needed for anxiety',
  },
  {
    ndc: '70000011402',
    name: 'Adalimumab 40 mg pen',
    genericName: 'adalimumab',
    strength: '40 mg/0.8 mL',
    form: 'pen',
    unit: 'C28254',
    unitPriceCents: 210000,
    specialty: true,
    quantity: 1.6,
    daysSupply: 28,
    sig: 'Inject 0.8 mL under the skin every 14 days',
  },
];
