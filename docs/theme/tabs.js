// Makes tabs of <div class="tabs"><section data-tab="Python">…</section>…</div>, and remembers over all pages which one
// was chosen. Left, Right, Home and End move between the tabs, as in the ARIA pattern for tabs.
(() => {
  'use strict';
  const STORED = 'everyhost-tab';

  const remembered = () => {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null; // no storage in this browser, or not for this page
    }
  };
  const remember = (name) => {
    try {
      localStorage.setItem(STORED, name);
    } catch {
      // Then it holds for this page alone.
    }
  };

  /** @type {{ select(name: string): void, root: HTMLElement }[]} */
  const groups = [];

  function makeTabs(root, number) {
    const panels = [...root.querySelectorAll(':scope > section[data-tab]')];
    if (panels.length === 0) return;
    const list = document.createElement('div');
    list.setAttribute('role', 'tablist');
    list.setAttribute('aria-label', root.dataset.label ?? 'Language');
    const tabs = panels.map((panel, index) => {
      const tab = document.createElement('button');
      tab.type = 'button';
      tab.id = `tab-${number}-${index}`;
      tab.textContent = panel.dataset.tab;
      panel.id ||= `panel-${number}-${index}`;
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', panel.id);
      panel.setAttribute('role', 'tabpanel');
      panel.setAttribute('aria-labelledby', tab.id);
      panel.tabIndex = 0;
      list.append(tab);
      return tab;
    });
    const show = (shown) => {
      tabs.forEach((tab, index) => {
        tab.setAttribute('aria-selected', String(index === shown));
        tab.tabIndex = index === shown ? 0 : -1;
        panels[index].hidden = index !== shown;
      });
    };
    const choose = (index) => {
      // What is above may become longer or shorter: the tab stays where the reader's eye is.
      const before = tabs[index].getBoundingClientRect().top;
      const name = panels[index].dataset.tab;
      show(index);
      remember(name);
      for (const group of groups) if (group.root !== root) group.select(name);
      window.scrollBy(0, tabs[index].getBoundingClientRect().top - before);
    };
    list.addEventListener('click', (event) => {
      const index = tabs.indexOf(event.target.closest('button'));
      if (index >= 0) choose(index);
    });
    list.addEventListener('keydown', (event) => {
      const at = tabs.indexOf(document.activeElement);
      const last = tabs.length - 1;
      const to = { ArrowLeft: at === 0 ? last : at - 1, ArrowRight: at === last ? 0 : at + 1, Home: 0, End: last }[
        event.key
      ];
      if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation(); // mdBook turns the page on these keys
      tabs[to].focus();
      choose(to);
    });
    const select = (name) => {
      const index = panels.findIndex((panel) => panel.dataset.tab === name);
      if (index >= 0) show(index);
    };
    root.prepend(list);
    root.dataset.ready = '';
    show(0);
    groups.push({ root, select });
  }

  /** Where the address names something inside of a panel, that panel is shown. */
  function showTarget() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const panel = target && target.closest('.tabs > section[data-tab]');
    if (!panel) return;
    groups.find((group) => group.root === panel.parentElement)?.select(panel.dataset.tab);
    target.scrollIntoView();
  }

  document.querySelectorAll('div.tabs').forEach(makeTabs);
  const name = remembered();
  if (name !== null) for (const group of groups) group.select(name);
  showTarget();
  addEventListener('hashchange', showTarget);
  addEventListener('storage', (event) => {
    if (event.key === STORED && event.newValue !== null) for (const group of groups) group.select(event.newValue);
  });
})();
