/** Faults of a refused run: those that name a parameter, and the rest. */
export interface FormFaults {
  fields: Record<string, string>;
  /** What names none of the fields; undefined when every fault does. */
  other?: string;
}

const named = /parameters\.([^\s:]+): (.*?)(?= parameters\.[^\s:]+: |$)/gs;

/** Sorts the server's sentence by the fields it names, as `parameters.seed: must be ... parameters.rate: ...`. */
export function toFormFaults(message: string, known: string[]): FormFaults {
  const fields: Record<string, string> = {};
  const other = message.replace(named, (whole, name: string, text: string) => {
    if (!known.includes(name)) return whole;
    fields[name] = text.trim();
    return '';
  });
  const rest = other.trim();
  return { fields, ...(rest ? { other: rest } : {}) };
}
