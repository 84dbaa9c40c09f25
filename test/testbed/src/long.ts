/** Whether this is `npm run test:faults` or `test:scale`: the same tests with more of everything. `npm test` runs their short form. */
export const LONG: boolean = process.env["SLIPWAY_TEST_LONG"] === "1";
