import { newKey } from './newKey';

it('makes keys without what only a secure page has', () => {
  const { randomUUID } = crypto;
  Object.defineProperty(crypto, 'randomUUID', {
    value: undefined,
    configurable: true,
    writable: true,
  });
  try {
    const keys = new Set(Array.from({ length: 1000 }, newKey));
    expect(keys.size).toBe(1000);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
  } finally {
    Object.defineProperty(crypto, 'randomUUID', {
      value: randomUUID,
      configurable: true,
      writable: true,
    });
  }
});
