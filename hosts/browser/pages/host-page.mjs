// host.mjs for a person: a form in the place of the runner.

import { run } from './host.mjs';
import { element, say, sayError } from './ui.mjs';

element('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const replies = element('replies');
  replies.textContent = '';
  try {
    const lines = /** @type {HTMLTextAreaElement} */ (element('request')).value.split('\n');
    const requests = lines.filter((line) => line.trim()).map((line) => JSON.parse(line));
    for (const request of requests) replies.append(`${JSON.stringify(await run(request))}\n`);
    say('good', `${requests.length} answered.`);
  } catch (error) {
    sayError(error);
  }
});
/** @type {HTMLButtonElement} */ (element('go')).disabled = false;
