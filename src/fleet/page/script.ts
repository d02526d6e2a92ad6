// The page's one script: fetches the page again every two seconds and changes what has changed, in place.

/**
 * Elements are changed rather than replaced, so that the focus, a selection and what the reader unfolded stay as they are.
 * Children of `data-list` are matched by `data-key`. A `details` follows the server (`data-open`) only when its mind changed.
 * Without script, the page reloads itself as a whole.
 */
export const SCRIPT = `
'use strict';
const EVERY_MS = 2000, PATIENCE_MS = 5000;
let timer, seen = new Date();

function same(a, b) {
  return a && a.nodeType === b.nodeType && a.nodeName === b.nodeName && a.dataset?.key === b.dataset?.key;
}
function morph(old, now) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== now.data) old.data = now.data;
    return;
  }
  if (old.isEqualNode(now)) return;
  const stays = old.nodeName === 'DETAILS' && old.dataset.open === now.dataset.open ? 'open' : old.nodeName === 'INPUT' ? 'value' : '';
  for (const { name } of [...old.attributes]) if (name !== stays && !now.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of now.attributes) if (name !== stays && old.getAttribute(name) !== value) old.setAttribute(name, value);
  const keyed = new Map([...old.children].filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  let place = old.firstChild;
  for (const child of [...now.childNodes]) {
    const known = child.dataset?.key && keyed.get(child.dataset.key);
    if (known && known !== place) old.insertBefore(known, place);
    const match = known || place;
    if (same(match, child)) {
      place = match.nextSibling;
      morph(match, child);
    } else old.insertBefore(child, place);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
async function refresh() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      const { href } = location;
      const answer = await fetch(href, { signal: AbortSignal.timeout(PATIENCE_MS), cache: 'no-store' });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      if (href !== location.href) return;
      for (const part of ['header', 'main', 'footer']) morph(document.querySelector(part), page.querySelector(part));
      seen = new Date();
      document.body.classList.remove('lost');
    } catch {
      document.body.classList.add('lost');
      document.getElementById('lost').textContent =
        'The fleet does not answer: what stands here is from ' + seen.toLocaleTimeString() + '.';
    }
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, EVERY_MS);
}
document.addEventListener('visibilitychange', () => document.hidden || refresh());
document.addEventListener('input', ({ target }) => {
  if (target.id !== 'filter') return;
  const url = new URL(location.href);
  target.value ? url.searchParams.set('q', target.value) : url.searchParams.delete('q');
  history.replaceState(null, '', url);
  clearTimeout(timer);
  timer = setTimeout(refresh, 150);
});
document.addEventListener('submit', (event) => event.preventDefault());
timer = setTimeout(refresh, EVERY_MS);
`;
