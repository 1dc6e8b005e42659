import '@testing-library/jest-dom';
import { randomUUID } from 'node:crypto';

// The browser has it on every page; the DOM of the tests does not.
if (!crypto.randomUUID)
  Object.defineProperty(crypto, 'randomUUID', { value: randomUUID });
