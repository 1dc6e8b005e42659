/** One thing that is classified, as numbers. */
export interface Example {
  /** The same in every run. */
  id: string;
  label: string;
  numbers: number[];
}

/** What was read of the data. */
export interface Examples {
  /** Names of the numbers. */
  names: string[];
  items: Example[];
  setAside: { id: string; reason: string }[];
}
