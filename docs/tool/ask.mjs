// mdBook's preprocessor `ask`: makes a form of each question, which docs/theme/questions.js checks in the page. Without script
// the choices are a list, and the answers are in <details>.

import { htmlName } from './links.mjs';
import { parseMarkdown } from './markdown.mjs';
import { preprocess } from './preprocessor.mjs';
import { parseQuestion, plain } from './questions.mjs';
import { escape } from './xhtml.mjs';

/**
 * Code, bold, emphasis and links: what the text of a question may have.
 *
 * @param {string} markdown
 * @returns {string} HTML
 */
export function inline(markdown) {
  return markdown
    .split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\)|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/)
    .map((part, index) => {
      if (index % 2 === 0) return escape(part);
      if (part.startsWith('`')) return `<code>${escape(part.slice(1, -1))}</code>`;
      if (part.startsWith('**')) return `<strong>${inline(part.slice(2, -2))}</strong>`;
      if (part.startsWith('*')) return `<em>${inline(part.slice(1, -1))}</em>`;
      const [, label, target] = /** @type {RegExpExecArray} */ (/^\[([^\]]+)\]\(([^)]+)\)$/.exec(part));
      const [file, ...anchor] = target.split(/(?=#)/);
      const address = /^[a-z]+:/.test(target) ? target : htmlName(file) + anchor.join('');
      return `<a href="${escape(address)}">${inline(label)}</a>`;
    })
    .join('');
}

/**
 * @param {import('./questions.mjs').Question} question
 * @returns {string} Markdown with HTML: mdBook still makes the code blocks
 */
export function render({ id, kind, text: asked, code, choices, source }) {
  const name = `question-${id}`;
  const field =
    kind === 'choice'
      ? choices.map(
          ({ text: choice }, index) =>
            `<div class="question-choice"><input type="radio" name="${name}" id="${name}-${index}" value="${index}">` +
            `<label for="${name}-${index}">${inline(choice)}</label></div>`,
        )
      : [
          `<div class="question-short"><label for="${name}-0">Your answer</label> ` +
            `<input type="text" name="${name}" id="${name}-0" autocomplete="off" autocapitalize="off" spellcheck="false"></div>`,
        ];
  const whys = choices
    .map((choice, index) => ({ ...choice, index }))
    .sort((a, b) => Number(b.right) - Number(a.right))
    .map(({ text: choice, why, right, index }) => {
      const answer = kind === 'short' ? ` data-answer="${escape(plain(choice))}"` : '';
      return (
        `<li data-choice="${index}"${answer}${right ? ' data-right' : ''}><strong>${right ? 'Right' : 'Wrong'}:</strong> ` +
        `${inline(choice)}<br><span class="question-why">${inline(why)}</span></li>`
      );
    });
  // mdBook puts a button into each block of code, which in a form would submit it.
  const head =
    code.length === 0
      ? ['<form>', '<fieldset>', `<legend>${inline(asked)}</legend>`]
      : [
          `<p class="question-text" id="${name}-text">${inline(asked)}</p>`,
          '',
          ...code,
          '',
          '<form>',
          `<fieldset aria-labelledby="${name}-text">`,
        ];
  return [
    `<section class="question" id="${name}" data-question="${id}" data-kind="${kind}">`,
    ...head,
    '<div class="question-answers">',
    ...field,
    '</div>',
    '</fieldset>',
    '</form>',
    '<details class="question-details">',
    '<summary>The answer</summary>',
    '<ul>',
    ...whys,
    '</ul>',
    `<p class="question-source">${sourceNote(source)}</p>`,
    '</details>',
    '</section>',
  ].join('\n');
}

/** @type {(source: import('./questions.mjs').Source) => string} */
function sourceNote({ kind, text: how }) {
  const tested = 'The tests of this book compute the answer';
  if (kind === 'run') return `${tested}: they run the code above.`;
  if (kind === 'compile') return `${tested}: they compile the code above.`;
  if (kind === 'data') return `${tested} from <code>${escape(how.split(/\s/, 1)[0])}</code>.`;
  if (how.includes('\n') || how.length > 160) return `${tested}, with a command.`;
  return `${tested}: <code>${escape(how)}</code>`;
}

/** @returns {import('./markdown.mjs').Block[]} */
const questionsOf = (/** @type {string} */ markdown) =>
  parseMarkdown(markdown).blocks.filter(({ language }) => language === 'question');

/**
 * @param {string} markdown of a page, with its includes in place
 * @param {string[]} ids of all questions of the book
 * @returns {string}
 */
export function withForms(markdown, ids) {
  const blocks = questionsOf(markdown);
  if (blocks.length === 0) return markdown;
  const lines = markdown.split('\n');
  blocks.toReversed().forEach((block, index) => {
    const made = render(parseQuestion(block));
    // After the last question of the page; without script it says nothing.
    const progress = index === 0 ? `\n<div class="question-progress" data-questions="${ids.join(' ')}"></div>\n` : '';
    lines.splice(block.line - 1, block.lines.length + 2, `${made}\n${progress}`);
  });
  return lines.join('\n');
}

await preprocess(import.meta.url, (chapters) => {
  const ids = chapters.flatMap(({ content }) =>
    questionsOf(content).map(({ attributes }) => attributes.get('id') ?? ''),
  );
  for (const chapter of chapters) chapter.content = withForms(chapter.content, ids);
});
