import { toFormFaults } from './formFaults';

describe('toFormFaults', () => {
  it('sorts several faults to the fields that they name', () => {
    const message =
      "parameters.seed: must be a number, not 'x'. parameters.rate: must be one of 1, 2.";
    expect(toFormFaults(message, ['seed', 'rate'])).toEqual({
      fields: {
        seed: "must be a number, not 'x'.",
        rate: 'must be one of 1, 2.',
      },
    });
  });

  it('keeps what names no field of the form', () => {
    const message = 'parameters.other: is not known.';
    expect(toFormFaults(message, ['seed'])).toEqual({
      fields: {},
      other: message,
    });
  });

  it('keeps a sentence about the whole run', () => {
    expect(toFormFaults('The image is not mapped.', ['seed']).other).toBe(
      'The image is not mapped.',
    );
  });
});
