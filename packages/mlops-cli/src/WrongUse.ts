/** The command was called in a way that it cannot do; the message is one sentence. */
export class WrongUse extends Error {}
