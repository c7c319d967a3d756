'use strict';
// The list of answers: filtered and drawn here, because tens of thousands of table rows would be slow to load.
const data = JSON.parse(document.getElementById('data').textContent);
for (const cell of data.cells) cell.verdicts = writtenOut(cell.verdicts);
for (const { flags } of data.suites) for (const flag of Object.values(flags)) flag.cases = new Set(flag.cases);
const form = document.getElementById('filters');
form.hidden = false;
const table = document.getElementById('answers');
const body = table.tBodies[0];
const count = document.getElementById('count');
const more = document.getElementById('more');
// Of a green run few are shown at first: what follows on the page says more.
const FIRST_PAGE = data.red ? 50 : 10;
const PAGE = 100;

const STATES = { pass: 'good', 'known-gap': 'gap', unavailable: 'away', 'not reached': 'away' };
const stateOf = (verdict) => STATES[verdict] ?? 'bad';

/** Pairs of a number and how often it comes, as so many numbers. */
function writtenOut(runs) {
  const numbers = [];
  for (let at = 0; at < runs.length; at += 2) for (let count = runs[at + 1]; count > 0; count -= 1) numbers.push(runs[at]);
  return numbers;
}

/** Every answer that fits the filters, what is red first. */
function* fitting(filters) {
  for (const states of [['bad'], ['gap', 'away'], ['good']]) {
    for (const cell of data.cells) {
      const { row, module } = cell;
      const suite = data.suites[cell.suite];
      if (filters.host && filters.host !== row) continue;
      if (filters.module && filters.module !== module) continue;
      if (filters.suite && filters.suite !== suite.name) continue;
      const flagged = filters.flag && suite.flags[filters.flag]?.cases;
      if (filters.flag && !flagged) continue;
      for (let at = 0; at < cell.verdicts.length; at += 1) {
        const verdict = data.verdicts[cell.verdicts[at]];
        if (!verdict || !states.includes(stateOf(verdict))) continue;
        if (filters.verdict === 'not-pass' ? verdict === 'pass' : filters.verdict && filters.verdict !== verdict) continue;
        if (flagged && !flagged.has(at)) continue;
        const id = suite.ids[at];
        if (filters.case && !id.includes(filters.case)) continue;
        yield { row, module, suite, at, id, verdict, told: cell.told?.[at] };
      }
    }
  }
}

let waiting = [];

/** Shows the answers that fit. The address follows what the reader chooses. */
function show(isChosen) {
  const filters = Object.fromEntries(new FormData(form));
  const kept = Object.entries(filters).filter(([, value]) => value);
  if (isChosen) history.replaceState(null, '', kept.length ? `#${new URLSearchParams(kept)}` : location.pathname + location.search);
  waiting = [...fitting(filters)];
  const passed = waiting.filter((answer) => answer.verdict === 'pass').length;
  const number = (n) => n.toLocaleString('en');
  const answers = waiting.length === 1 ? 'answer fits' : 'answers fit';
  count.textContent = waiting.length === 0 ? 'No answer fits.' : `${number(waiting.length)} ${answers}, ${number(passed)} passed.`;
  table.hidden = waiting.length === 0;
  body.replaceChildren();
  showMore(FIRST_PAGE);
}

function showMore(most) {
  for (const answer of waiting.splice(0, most)) body.append(...rowsOf(answer));
  more.hidden = waiting.length === 0;
  more.textContent = `Show more (${waiting.length.toLocaleString('en')} left)`;
}

function make(name, text, attributes = {}) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

let numbered = 0;

function rowsOf(answer) {
  const line = make('tr');
  const verdict = make('td');
  verdict.append(make('span', answer.verdict, { class: `verdict ${stateOf(answer.verdict)}` }));
  const id = make('th', undefined, { scope: 'row' });
  line.append(verdict, id, make('td', answer.row), make('td', answer.module));
  // The page holds the first megabytes of what went wrong.
  if (!answer.told && stateOf(answer.verdict) === 'bad') id.append(make('small', 'more in report.json'));
  if (!answer.told && !answer.suite.given?.[answer.at]) {
    id.prepend(make('code', answer.id));
    return [line];
  }
  const name = `told-${(numbered += 1)}`;
  const told = make('tr', undefined, { class: 'told', id: name });
  told.hidden = true;
  const button = make('button', undefined, { type: 'button', 'aria-expanded': 'false', 'aria-controls': name });
  button.append(make('code', answer.id));
  button.addEventListener('click', () => {
    if (!told.hasChildNodes()) told.append(tell(answer));
    told.hidden = !told.hidden;
    button.setAttribute('aria-expanded', String(!told.hidden));
  });
  id.prepend(button);
  return [line, told];
}

function tell({ told = {}, suite, at, verdict }) {
  const list = make('dl');
  const add = (term, ...content) => {
    const definition = make('dd');
    definition.append(...content);
    list.append(make('dt', term), definition);
  };
  const [op, input, expected, comment] = suite.given?.[at] ?? [];
  if (told.detail) add('What happened', told.detail);
  if (comment) add('About the case', comment);
  for (const [flag, { meaning, cases }] of Object.entries(suite.flags)) if (cases.has(at)) add(flag, meaning);
  if (op) add('Given', make('code', `${op} ${input}`));
  if (expected) add(verdict === 'pass' ? 'Answered, as expected' : 'Expected', code(expected, told.actual));
  if (told.actual) add('Actual', code(told.actual, expected));
  if (told.differs) add('Differs', make('code', told.differs));
  if (told.again) {
    const copy = make('button', 'Copy', { type: 'button' });
    copy.addEventListener('click', async () => {
      await navigator.clipboard.writeText(told.again);
      copy.textContent = 'Copied';
    });
    const again = make('div', undefined, { class: 'again' });
    again.append(make('code', told.again));
    if (navigator.clipboard) again.append(copy);
    add('Run again', again);
  }
  const cell = make('td', undefined, { colspan: '4' });
  cell.append(list);
  return cell;
}

/** The text, marked where it is not as the other is. */
function code(text, other) {
  const element = make('code');
  if (!other) {
    element.textContent = text;
    return element;
  }
  let start = 0;
  while (start < text.length && text[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(text.length, other.length) - start && text.at(-1 - end) === other.at(-1 - end)) end += 1;
  element.append(text.slice(0, start), make('mark', text.slice(start, text.length - end)), text.slice(text.length - end));
  return element;
}

function fill(name, values) {
  for (const value of values) form.elements[name].append(make('option', value, { value }));
}

function readAddress() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const field of ['host', 'module', 'suite', 'flag', 'verdict', 'case']) form.elements[field].value = wanted.get(field) ?? '';
  show();
}

/** Shows what the address asks for. */
function follow() {
  if (!location.hash.includes('=')) return;
  readAddress();
  document.getElementById('results').scrollIntoView();
}

fill('host', [...new Set(data.cells.map((cell) => cell.row))]);
fill('module', [...new Set(data.cells.map((cell) => cell.module))]);
fill('suite', data.suites.map((suite) => suite.name));
fill('flag', [...new Set(data.suites.flatMap(({ flags }) => Object.keys(flags).filter((flag) => flags[flag].cases.size)))].sort());
fill('verdict', [...new Set(data.cells.flatMap((cell) => cell.verdicts))].filter((number) => number >= 0).sort((a, b) => a - b).map((number) => data.verdicts[number]));
form.addEventListener('input', () => show(true));
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => setTimeout(() => show(true)));
more.addEventListener('click', () => showMore(PAGE));
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href^="#"][href*="="]');
  if (!link) return;
  event.preventDefault();
  history.pushState(null, '', link.getAttribute('href'));
  follow();
});
addEventListener('hashchange', follow);
if (!location.hash.includes('=') && data.red) form.elements.verdict.value = 'not-pass';
location.hash.includes('=') ? follow() : show();
// The first thing that is wrong is what you have come for.
if (data.red) body.querySelector('button')?.click();
