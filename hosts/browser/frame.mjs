// What every page has around its own <main>, the form that three of them share, and the signature that two show. server.mjs puts it there.

const PAGES = {
  raw: 'Raw module',
  bindgen: 'wasm-bindgen',
  adder: 'C adder',
  compare: 'Comparison',
  example: 'Token',
  host: 'Host',
};

/**
 * @param {string} page the file's text: a title and scripts, then <main>
 * @param {string} name of the file, without its ending
 * @returns {string} the whole page
 */
export function framed(page, name) {
  const [head, main] = page
    .replace('</title>', ' · Everyhost</title>')
    .replace(/<sign-form button="(.*?)"><\/sign-form>/, (_, button) => signForm(button))
    .replace('<signature-card></signature-card>', SIGNATURE_CARD.trim())
    .split(/(?=<main>)/);
  const links = Object.entries(PAGES).map(
    ([to, text]) => `<a href="${to}.html"${to === name ? ' aria-current="page"' : ''}>${text}</a>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="icon" href="icon.svg" />
    <link rel="stylesheet" href="style.css" />
    ${head}
  </head>
  <body>
    <header>
      <a class="home" href="./"><img src="icon.svg" alt="" />Everyhost</a>
      <nav aria-label="Pages">${links.join('\n')}</nav>
    </header>
    ${main}
    <footer>
      Everything on this page runs in your browser. It loads nothing from elsewhere, and sends nothing anywhere.
    </footer>
  </body>
</html>
`;
}

const SIGNATURE_CARD = `
  <section class="card" aria-labelledby="signature-title">
    <h2 id="signature-title">Signature</h2>
    <dl>
      <dt>Hex</dt>
      <dd id="signature-hex" class="bytes"></dd>
      <dt>As the book prints it</dt>
      <dd id="signature-numbers" class="bytes"></dd>
    </dl>
  </section>`;

/** @param {string} button what it says */
const signForm = (button) => `
  <p class="note">
    <strong>Never paste a real key here, or into any web page.</strong> The key below is printed in the book: it is
    for tests only.
  </p>
  <form id="form" class="card">
    <label for="message">Message</label>
    <textarea id="message" rows="2" spellcheck="false">hello</textarea>
    <p class="hint">Any text. It is signed as its UTF-8 bytes.</p>
    <label for="key">Published test key</label>
    <textarea id="key" rows="5" spellcheck="false" autocomplete="off" aria-describedby="key-hint"></textarea>
    <p id="key-hint" class="hint">
      64 bytes: the seed of 32, then its public key of 32. Numbers as in the book, or hex.
    </p>
    <button id="go" disabled>${button}</button>
    <p id="status" class="status" role="status" aria-live="polite"></p>
  </form>`;
