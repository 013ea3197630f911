/** Shippo's dated API, named in every call: accounts differ in their own default. */
export const shippoApiVersion = '2018-02-08';
