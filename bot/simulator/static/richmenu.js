// The rich menu under the keyboard: the bot's picture with its tappable areas.

import { h, icon } from "./dom.js";

const label = (action) => action.label || action.displayText || action.text || action.uri || "メニュー";

export function drawMenu(talk, wish, { press, root }) {
  const holder = document.getElementById("rich-menu");
  const toggle = document.getElementById("toggle-menu");
  const menu = talk.menu;
  toggle.hidden = !menu;
  if (!menu || talk.friendship === "blocked") {
    holder.hidden = true;
    return null;
  }
  const fresh = holder.dataset.menu !== menu.richMenuId;
  if (fresh) {
    holder.dataset.menu = menu.richMenuId;
    holder.replaceChildren(picture(menu, press, root));
  }
  const open = fresh || wish === null ? (wish ?? menu.selected) : wish;
  holder.hidden = !open;
  toggle.setAttribute("aria-expanded", String(open));
  toggle.setAttribute("aria-label", menu.chatBarText);
  toggle.replaceChildren(icon("menu"), h("small", {}, menu.chatBarText));
  return open;
}

function picture(menu, press, root) {
  const { width, height } = menu.size;
  const node = h(
    "div",
    { class: "rich-picture", role: "group", "aria-label": menu.chatBarText },
    h("img", { src: `${root}/menu/${menu.richMenuId}`, alt: "" }),
  );
  node.style.aspectRatio = `${width} / ${height}`;
  for (const { bounds, action } of menu.areas) {
    const area = h("button", {
      type: "button",
      class: "rich-area",
      "aria-label": label(action),
      onclick: () => press(action, ""),
    });
    Object.assign(area.style, {
      left: `${(bounds.x / width) * 100}%`,
      top: `${(bounds.y / height) * 100}%`,
      width: `${(bounds.width / width) * 100}%`,
      height: `${(bounds.height / height) * 100}%`,
    });
    node.append(area);
  }
  return node;
}
