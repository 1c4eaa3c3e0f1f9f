// The list of residents: who they are, their last words, what they have not seen yet.

import { preview } from "./bubbles.js";
import { h } from "./dom.js";

export function drawPeople(state, chosen, seen, choose) {
  const list = document.getElementById("people-list");
  const shown = JSON.stringify([state.residents, chosen, [...seen]]);
  if (list.dataset.shown === shown) return;
  list.dataset.shown = shown;
  const focused = document.activeElement?.dataset?.person;
  list.replaceChildren(
    ...state.residents.map((person) => {
      const fresh = person.bubbles - (seen.get(person.id) ?? 0);
      const mark =
        person.friendship === "blocked"
          ? h("span", { class: "tag" }, "ブロック中")
          : fresh > 0 && person.id !== chosen
            ? h("span", { class: "count", "aria-label": `新着${fresh}件` }, String(fresh))
            : null;
      return h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            class: "person",
            "data-person": person.id,
            "aria-current": person.id === chosen ? "true" : false,
            onclick: () => choose(person.id),
          },
          h("span", { class: "avatar", "aria-hidden": "true" }, person.name.replace(/\(.*\)$/, "").slice(-1)),
          h("span", { class: "person-words" }, h("b", {}, person.name), h("small", {}, preview(person.last))),
          mark,
        ),
      );
    }),
  );
  if (focused) list.querySelector(`[data-person="${focused}"]`)?.focus();
}
