/* What a step prints: the log with its cap, the end of standard output, the first words on standard error. */
const fs = require('node:fs');

// Argo keeps the last 256 KiB of a result, counted after one newline is cut.
const resultLimit = 256 * 1024 + 1;

/** The log file with its cap, and the end of standard output. */
const output = {
  log: undefined,
  limit: 0,
  logged: 0,
  dropped: 0,
  tail: [],
  tailBytes: 0,
  firstError: '',
  open(file, limit) {
    this.limit = limit;
    this.log = fs.openSync(file, 'a', 0o600);
  },
  take(chunk) {
    let written = 0;
    const room = Math.min(chunk.length, this.limit - this.logged);
    try {
      while (written < room)
        written += fs.writeSync(this.log, chunk, written, room - written);
    } catch {
      // A full disk costs log, not the step.
    }
    this.logged += written;
    this.dropped += chunk.length - written;
  },
  takeError(chunk) {
    this.take(chunk);
    if (this.firstError.length < 300)
      this.firstError += chunk.toString().slice(0, 300);
  },
  takeResult(chunk) {
    this.take(chunk);
    this.tail.push(chunk);
    this.tailBytes += chunk.length;
    while (this.tailBytes - this.tail[0].length >= resultLimit)
      this.tailBytes -= this.tail.shift().length;
  },
  close() {
    try {
      if (this.dropped > 0)
        fs.writeSync(
          this.log,
          `\n[${this.dropped} more bytes were printed; the log keeps ${this.limit}]\n`,
        );
      fs.fsyncSync(this.log);
    } catch {
      // The records say how the step ended; a log without its last line does not change that.
    }
  },
  result() {
    return Buffer.concat(this.tail).subarray(-resultLimit);
  },
};

module.exports = { output };
