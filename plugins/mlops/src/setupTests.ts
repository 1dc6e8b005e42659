import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';
import { webcrypto } from 'node:crypto';

// A page takes seconds to be drawn where a machine is busy with something else.
jest.setTimeout(60_000);
configure({ asyncUtilTimeout: 20_000 });

// The browser has it on every page; the DOM of the tests does not.
if (!crypto.getRandomValues)
  Object.defineProperty(crypto, 'getRandomValues', {
    value: (bytes: Uint8Array) => webcrypto.getRandomValues(bytes),
  });

// The DOM of the tests lays nothing out; an editor of text measures its lines nevertheless.
if (!Range.prototype.getClientRects) {
  Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
  Range.prototype.getBoundingClientRect = () => new DOMRect();
}
