// Small menus beside a button, and the date picker.

import { h, icon } from "./dom.js";

let open = null;

function close(focus = true) {
  if (!open) return;
  const { node, anchor, outside } = open;
  open = null;
  document.removeEventListener("pointerdown", outside, true);
  node.remove();
  anchor.setAttribute("aria-expanded", "false");
  if (focus) anchor.focus();
}

export function openPopover(anchor, items, toggle = true) {
  if (open?.anchor === anchor) {
    if (toggle) close();
    return;
  }
  close(false);
  const buttons = items.filter(Boolean).map((item) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        onclick: () => {
          close();
          item.run();
        },
      },
      item.icon ? icon(item.icon) : null,
      h("span", {}, item.label),
    ),
  );
  const node = h("div", { class: "popover", role: "menu" }, ...buttons);
  node.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown") buttons[(at + 1) % buttons.length].focus();
    else if (event.key === "ArrowUp") buttons[(at + buttons.length - 1) % buttons.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.querySelector(".phone").append(node);
  put(node, anchor);
  anchor.setAttribute("aria-expanded", "true");
  const outside = (event) => {
    if (!node.contains(event.target) && !anchor.contains(event.target)) close(false);
  };
  document.addEventListener("pointerdown", outside, true);
  open = { node, anchor, outside };
  buttons[0].focus();
}

// Inside the phone, above the button in its lower half and below in its upper.
function put(node, anchor) {
  const phone = node.parentElement.getBoundingClientRect();
  const at = anchor.getBoundingClientRect();
  const left = Math.min(Math.max(at.left - phone.left, 8), phone.width - node.offsetWidth - 8);
  const upper = at.top - phone.top < phone.height / 2;
  node.style.left = `${left}px`;
  node.style.top = `${upper ? at.bottom - phone.top + 4 : at.top - phone.top - node.offsetHeight - 4}px`;
}

const KINDS = { date: "date", time: "time", datetime: "datetime-local" };

export function openPicker(action) {
  const field = h("input", {
    type: KINDS[action.mode] ?? "date",
    value: action.initial,
    min: action.min,
    max: action.max,
    required: true,
    id: "picked",
  });
  const dialog = h("dialog", { class: "picker", "aria-labelledby": "picker-label" });
  return new Promise((resolve) => {
    const end = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const form = h(
      "form",
      { method: "dialog" },
      h("label", { for: "picked", id: "picker-label" }, action.label ?? "日時を選ぶ"),
      field,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", onclick: () => end("") }, "やめる"),
        h("button", { type: "submit", class: "strong" }, "決定"),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      end(field.value);
    });
    dialog.addEventListener("cancel", () => end(""));
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
  });
}

// A long press, or the context menu of a mouse, opens the same menu as the button.
export function holdToOpen(node, openMenu) {
  let timer = 0;
  const target = node.querySelector(".bubble, .sticker") ?? node;
  target.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    openMenu(node.querySelector(".more-button"), false);
  });
  target.addEventListener("pointerdown", () => {
    timer = setTimeout(() => openMenu(node.querySelector(".more-button"), false), 550);
  });
  for (const end of ["pointerup", "pointerleave", "pointercancel"])
    target.addEventListener(end, () => clearTimeout(timer));
}
