import { scheduleNamed } from './schedules.js';

describe('a schedule as senders write it', () => {
  it.each([
    ['C48675', 'II'],
    ['c48679', 'V'],
    ['SCHEDULE II', 'II'],
    ['Schedule: 4', 'IV'],
    ['C-II', 'II'],
    ['CII', 'II'],
    ['C (III)', 'III'],
    ['2', 'II'],
    ['2N', 'II'],
    ['II', 'II'],
    ['DEA Class 3N', 'III'],
    ['C48672', 'I'],
    ['C-I', 'I'],
    ['C38046', 'none'],
    ['0', 'none'],
    ['VI', 'none'],
    ['N/A', 'none'],
    ['Not a controlled substance', 'none'],
    ['NON-CONTROLLED', 'none'],
    ['Not scheduled', 'none'],
    ['No', 'none'],
    ['No schedule', 'none'],
    ['Not applicable', 'none'],
    ['Rx only', 'none'],
    ['CII - Schedule II', 'II'],
    ['Schedule IV (C-IV)', 'IV'],
    ['C48675, CII', 'II'],
    ['C-III controlled substance', 'III'],
    ['II, non-narcotic', 'II'],
  ])('%s is %s', (text, schedule) => {
    expect(scheduleNamed(text)).toBe(schedule);
  });

  it.each([
    '',
    'C',
    'C00000',
    'C48',
    'SCHEDULE',
    'VII',
    '7',
    '22',
    'narcotic',
    'controlled',
    'non-narcotic',
    'Schedule II or III',
    'CII - Schedule III',
    'not schedule II',
    '5/325',
    '2.5 mg',
    '__proto__',
    'constructor',
  ])('"%s" says nothing we can read', (text) => expect(scheduleNamed(text)).toBeUndefined());
});
