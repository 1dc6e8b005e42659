const codes = [
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/,
  // A database that is full, busy or broken: https://www.sqlite.org/rescode.html
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|PROTOCOL|NOMEM)/,
  // Connections, resources, a server that starts or stops: https://www.postgresql.org/docs/current/errcodes-appendix.html
  /^(08|53|57P|58|25006)/,
];
const messages =
  /Timeout acquiring a connection|Unable to acquire a connection|Connection terminated|connection is closed|aborted before it could be acquired|^Query read timeout$/i;

/** Whether an error says that the database cannot serve now, so that asking again later makes sense. */
export function isDatabaseTrouble(error: unknown): boolean {
  const { code, message, cause } = (error ?? {}) as {
    code?: unknown;
    message?: unknown;
    cause?: unknown;
  };
  if (typeof code === 'string' && codes.some(pattern => pattern.test(code)))
    return true;
  if (typeof message === 'string' && messages.test(message)) return true;
  return cause !== undefined && cause !== error && isDatabaseTrouble(cause);
}

/** Whether an error says that a row of the same key is there already. */
export function isUniqueViolation(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === '23505' || String(code).startsWith('SQLITE_CONSTRAINT');
}
