import '@testing-library/jest-dom';
import { randomUUID } from 'node:crypto';

// The browser has it on every page; the DOM of the tests does not.
if (!crypto.randomUUID)
  Object.defineProperty(crypto, 'randomUUID', { value: randomUUID });

// The DOM of the tests lays nothing out; an editor of text measures its lines nevertheless.
if (!Range.prototype.getClientRects) {
  Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
  Range.prototype.getBoundingClientRect = () => new DOMRect();
}
