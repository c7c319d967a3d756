// What mdBook's page lacks for keyboards and screen readers.
(() => {
  'use strict';
  // A label that opens and closes the sidebar, and says so in attributes that only a button has.
  document.getElementById('mdbook-sidebar-toggle')?.setAttribute('role', 'button');
  document.getElementById('mdbook-menu-bar')?.setAttribute('role', 'banner');

  // A path may be broken after its slashes.
  for (const code of document.querySelectorAll('main :not(pre) > code')) {
    const parts = code.textContent.split(/(?<=\/)/);
    if (parts.length === 1 || code.childElementCount > 0) continue;
    code.replaceChildren(...parts.flatMap((part) => [document.createElement('wbr'), part]).slice(1));
  }

  // What is wider than the page is scrolled by keys too.
  const wide = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0');
      else target.removeAttribute('tabindex');
    }
  });
  for (const each of document.querySelectorAll('main pre, main pre > code, main .table-wrapper')) wide.observe(each);
})();
