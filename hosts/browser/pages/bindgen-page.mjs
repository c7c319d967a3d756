import init, { sign_message } from './pkg/token_signer.js';
import { onSign, saySigned, showBytes } from './ui.mjs';

await init();

onSign((message, key) => {
  showBytes('signature', undefined);
  const signature = sign_message(new TextEncoder().encode(message), key);
  showBytes('signature', signature);
  saySigned(message, key, signature);
});
