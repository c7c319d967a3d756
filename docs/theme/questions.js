// Checks the answers to the questions of a page (docs/tool/ask.mjs makes their forms), and keeps which were right in this
// browser alone: nothing is sent. Without script the answers are in <details> below each question.
(() => {
  'use strict';
  const STORED = 'everyhost-questions';

  /** @returns {Record<string, 'right' | 'wrong'>} by the question's id */
  const stored = () => {
    try {
      const found = JSON.parse(localStorage.getItem(STORED) ?? '{}');
      return found && typeof found === 'object' && !Array.isArray(found) ? found : {};
    } catch {
      return {}; // no storage in this browser, or not for this page, or not ours
    }
  };
  let known = stored();
  const store = (change) => {
    known = { ...stored(), ...known };
    change(known);
    try {
      localStorage.setItem(STORED, JSON.stringify(known));
    } catch {
      // Then it holds for this page alone.
    }
  };

  /** As a reader may write it: case, spaces and the commas of thousands do not matter. */
  const normal = (text) =>
    text
      .toLowerCase()
      .replace(/[\s`]+/g, '')
      .replace(/(\d),(?=\d{3})/g, '$1');

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };

  const questions = [...document.querySelectorAll('section.question')].map(ready);
  const shown = [...document.querySelectorAll('.question-progress')].map(readyProgress);
  const showProgress = () => shown.forEach((show) => show());

  function ready(section) {
    const id = section.dataset.question;
    const form = section.querySelector('form');
    const whys = [...section.querySelectorAll('[data-choice]')];
    const mark = make('span', { className: 'question-mark' });
    const said = make('div', { className: 'question-said' });
    said.setAttribute('role', 'status');
    form.append(
      make('p', { className: 'question-actions' }, make('button', { type: 'submit', textContent: 'Check' }), mark),
    );
    form.after(said);
    section.dataset.ready = '';

    const show = () => {
      const state = known[id];
      section.dataset.state = state ?? 'open';
      mark.textContent = { right: '✓ Answered', wrong: 'Not right yet' }[state] ?? '';
    };
    const say = (what, why) => {
      said.replaceChildren(make('strong', { textContent: what }));
      if (why) said.append(' ', ...why.cloneNode(true).childNodes);
    };
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const given = new FormData(form).get(`question-${id}`)?.trim();
      if (!given) {
        say(section.dataset.kind === 'short' ? 'Write an answer first.' : 'Choose an answer first.');
        return;
      }
      const chosen =
        section.dataset.kind === 'short'
          ? whys.find((why) => normal(why.dataset.answer) === normal(given))
          : whys.find((why) => why.dataset.choice === given);
      const isRight = chosen !== undefined && 'right' in chosen.dataset;
      // Who was right once stays so.
      store((all) => (all[id] = isRight || all[id] === 'right' ? 'right' : 'wrong'));
      said.dataset.verdict = isRight ? 'right' : 'wrong';
      if (chosen) say(isRight ? '✓ Right.' : '✗ Not right.', chosen.querySelector('.question-why'));
      else say('✗ Not right. Try again, or open the answer below.');
      show();
      showProgress();
    });
    // mdBook turns the page on arrow keys and searches on letters: within a form they are the form's.
    form.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
    });
    show();
    return {
      id,
      show,
      reset() {
        form.reset();
        said.replaceChildren();
        delete said.dataset.verdict;
        show();
      },
    };
  }

  function readyProgress(place) {
    const ids = place.dataset.questions.split(' ').filter(Boolean);
    const text = make('p');
    text.setAttribute('role', 'status');
    const resetWith = (label, which) => {
      const button = make('button', { type: 'button', textContent: label });
      button.addEventListener('click', () => {
        store((all) => which().forEach((id) => delete all[id]));
        for (const question of questions) if (which().includes(question.id)) question.reset();
        showProgress();
      });
      return button;
    };
    const here = () => questions.map(({ id }) => id);
    place.append(
      text,
      make(
        'p',
        {},
        resetWith('Reset this page', here),
        ' ',
        resetWith('Reset the whole book', () => ids),
      ),
    );
    const count = (all) => `${all.filter((id) => known[id] === 'right').length} of ${all.length}`;
    const show = () => {
      text.textContent = `Answered right: ${count(here())} on this page, ${count(ids)} in the book. Kept in this browser only.`;
    };
    show();
    return show;
  }

  // Another tab of the book.
  addEventListener('storage', (event) => {
    if (event.key !== STORED && event.key !== null) return;
    known = stored();
    for (const question of questions) question.show();
    showProgress();
  });
})();
