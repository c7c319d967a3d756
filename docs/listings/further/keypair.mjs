// The key of the examples. It is published in a book: good for tests, never for anything else.
export const TEST_KEYPAIR = Uint8Array.from(
  Buffer.from(
    'fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf' +
      '3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f',
    'hex',
  ),
);
