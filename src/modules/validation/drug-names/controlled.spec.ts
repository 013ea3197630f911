import { catalog } from '../../../demo/catalog.js';
import { controlledIngredientIn } from './controlled.js';

const schedulesOf = (description: string) => controlledIngredientIn(description)?.schedules.join(' ');

describe('controlled ingredients in a description', () => {
  it.each([
    ['Oxycodone HCl 5 mg tablet', 'II'],
    ['Oral Form Oxycodone (product)', 'II'],
    ['PERCOCET 5-325 MG TABLET', 'II'],
    ['HYDROCODONE-ACETAMINOPHEN 5-325', 'II'],
    ['KADIAN ER 10 MG CAPSULE', 'II'],
    ['MS Contin 15 mg', 'II'],
    ['Adderall XR 20 mg', 'II'],
    ['Testosterone cypionate 200 mg/mL vial', 'III'],
    ['Secobarbital 100 mg capsule', 'II'],
    ['Benzhydrocodone-APAP 6.12-325 mg', 'II'],
    ['Xelstrym 9 mg/9 hr patch', 'II'],
    ['Azstarys 52.3-10.4 mg capsule', 'II'],
    ['Opium tincture 10 mg/mL', 'II III'],
    ['Belladonna-Opium 16.2-30 mg suppository', 'II III'],
    ['Suboxone 8-2 mg film', 'III'],
    ['Suboxone strips 8-2 mg', 'III'],
    ['Butalbital-Aspirin-Caffeine 50-325-40 mg capsule', 'III'],
    ['Fiorinal capsule', 'III'],
    ['Butalbital-APAP-Caffeine-Codeine 50-325-40-30 mg', 'II III V'],
    ['Methyltestosterone 10 mg capsule', 'III'],
    ['Nandrolone decanoate 200 mg/mL vial', 'III'],
    ['Anadrol-50 tablet', 'III'],
    ['Vogelxo 50 mg gel packet', 'III'],
    ['Zurzuvae 25 mg capsule', 'IV'],
    ['Eluxadoline 100 mg tablet', 'IV'],
    ['Reyvow 50 mg tablet', 'V'],
    ['Ztalmy 50 mg/mL suspension', 'V'],
    ['Xanax 0.5 mg', 'IV'],
    ['Phenobarbital 32.4 mg tablet', 'IV'],
    ['Diphenoxylate-Atropine 2.5-0.025 mg', 'V'],
    ['Pregabalin 75 mg capsule', 'V'],
    ['Lacosamide 100 mg tablet', 'V'],
    ['Guaifenesin-Codeine 100-10 mg/5 mL', 'II III V'],
    ['Carisoprodol-Aspirin-Codeine 200-325-16 mg', 'II III V'],
    ['Tylenol #3', 'II III V'],
  ])('%s: %s', (description, schedules) => {
    expect(schedulesOf(description)).toBe(schedules);
  });

  it.each([
    'Gabapentin 300 mg capsule',
    'Butalbital-APAP-Caffeine 50-325-40 mg',
    'Tylenol 500 mg #30',
    'Naloxone 4 mg nasal spray',
    'Naltrexone 50 mg tablet',
    'Butalb-Acetamin-Caff 50-325-40 mg',
    'Esterified Estrogens-Methyltestosterone 1.25-2.5 mg',
    'EEMT (methyltestosterone) tablet',
    'Fentanyl test strip',
    'Fentanyl testing strips',
    'Codeine-free cough syrup',
    'Guaifenesin syrup, no codeine',
    'Phenobarbital-Hyoscyamine-Atropine-Scopolamine 16.2 mg',
    'Chlordiazepoxide-Clidinium 5-2.5 mg capsule',
    'Clonidine 0.1 mg tablet',
    'Tramadolol',
    '',
  ])('none in "%s"', (description) => {
    expect(schedulesOf(description)).toBeUndefined();
  });

  it('agree with the invented directory', () => {
    for (const { name, schedule } of catalog) expect([name, schedulesOf(name)]).toEqual([name, schedule]);
  });
});
