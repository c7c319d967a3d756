// Starts the live parts of a page: each `<div class="live" data-live="NAME">` becomes what NAME.mjs makes of it.
// What is in the div before is for readers without JavaScript, and stays if a part can't start.

/** All parts. Any other name is a mistake in a page, and the page says so. */
const PARTS = /** @type {const} */ ([
  'abi',
  'adder',
  'bytes',
  'comparison',
  'issuers',
  'lanes',
  'matrix',
  'memory',
  'playground',
  'stack',
]);

/**
 * What a part exports.
 *
 * @typedef {object} Part
 * @property {(place: HTMLElement) => Promise<void>} start fills the place, which is empty; may throw, with what is wrong
 *   in the message
 */

const places = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.live[data-live]'));
if (places.length > 0) addStyles();
for (const place of places) await startIn(place);

/** @param {HTMLElement} place */
async function startIn(place) {
  const name = place.dataset.live ?? '';
  const fallback = [...place.childNodes];
  try {
    if (!PARTS.some((part) => part === name)) throw new Error(`there is no live part “${name}”`);
    const part = /** @type {Part} */ (await import(`./${name}.mjs`));
    place.replaceChildren();
    await part.start(place);
    place.dataset.state = 'started';
  } catch (error) {
    const why = document.createElement('p');
    why.className = 'live-status live-bad';
    why.setAttribute('role', 'status');
    why.textContent = `This part cannot run here: ${error instanceof Error ? error.message : String(error)}`;
    place.replaceChildren(why, ...fallback);
    place.dataset.state = 'failed';
  }
}

function addStyles() {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = new URL('live.css', import.meta.url).href;
  document.head.append(link);
}
