import { el } from './dom.ts';

/** What says its number where it is pointed at or focused: parts of bars, and cells of the map. */
const WITH_TIP = '.chart svg [data-at], .map .cell a';

/** One box for all of them. What it says is the label of the thing, so that it is heard as well as seen. */
export function tellOnHover(): void {
  const box = el('div', { id: 'tip', 'aria-hidden': 'true', hidden: true });
  document.body.append(box);
  const hide = () => {
    box.hidden = true;
  };
  const show = ({ target }: Event) => {
    const thing = target instanceof Element ? target.closest(WITH_TIP) : null;
    if (!thing) return hide();
    box.textContent = thing.getAttribute('aria-label');
    box.hidden = false;
    const at = thing.getBoundingClientRect();
    const { width, height } = box.getBoundingClientRect();
    const left = at.left + at.width / 2 - width / 2;
    box.style.left = `${Math.max(4, Math.min(left, document.documentElement.clientWidth - width - 4))}px`;
    box.style.top = `${at.top > height + 8 ? at.top - height - 6 : at.bottom + 6}px`;
  };
  addEventListener('pointerover', show);
  addEventListener('focusin', show);
  addEventListener('focusout', hide);
  addEventListener('scroll', hide, true);
  addEventListener('hashchange', hide);
  addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hide();
  });
}
