declare module 'zipcodes' {
  export interface ZipcodeRow {
    zip: string;
    latitude: number;
    longitude: number;
    city: string;
    state: string;
    country: string;
  }

  const zipcodes: { readonly codes: Readonly<Record<string, ZipcodeRow>> };
  export default zipcodes;
}
