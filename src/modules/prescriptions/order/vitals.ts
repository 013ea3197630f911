/** LOINC: body height measured, stated, lying and standing. */
export const heightCodes: ReadonlySet<string> = new Set(['8302-2', '3137-7', '3138-5', '8306-3', '8308-9']);

/** LOINC: body weight measured, stated, clothed and bare. */
export const weightCodes: ReadonlySet<string> = new Set([
  '29463-7',
  '3141-9',
  '3142-7',
  '8335-2',
  '8339-4',
  '8350-1',
  '8351-9',
]);
