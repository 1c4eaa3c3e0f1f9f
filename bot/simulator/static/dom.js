// Building blocks. Words always go in as text nodes; no markup is ever parsed from a string.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") Object.assign(node.style, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export function svg(tag, props = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

// Own drawings: one stroke path each, on a 24 × 24 field.
const PATHS = {
  people: "M4 6h16M4 12h16M4 18h10",
  more: "M12 5.4v.2M12 11.9v.2M12 18.4v.2",
  lab: "M9.5 4h5M10.5 4v5.2L5.6 17.6A1.6 1.6 0 0 0 7 20h10a1.6 1.6 0 0 0 1.4-2.4L13.5 9.2V4M8.2 14.5h7.6",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  smile: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M8.6 14a4 4 0 0 0 6.8 0M9.2 9.6v.01M14.8 9.6v.01",
  send: "M4.5 12L19.5 5l-5 14.5-3.2-6.1zM11.3 13.4L19.5 5",
  menu: "M4 5h7v6H4zM13 5h7v6h-7zM4 13h7v6H4zM13 13h7v6h-7z",
  image: "M4 6h16v12H4zM4 15l4.5-4 4 3.5 3-2.5 4.5 4M15.5 9.2v.01",
  video: "M4 7h11v10H4zM15 11l5-3v8l-5-3",
  audio:
    "M12 4a2.6 2.6 0 0 1 2.6 2.6v4.8a2.6 2.6 0 0 1-5.2 0V6.6A2.6 2.6 0 0 1 12 4M6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 15.5h5",
  location:
    "M12 21c4-4.6 6.5-7.6 6.5-11a6.5 6.5 0 0 0-13 0c0 3.4 2.5 6.4 6.5 11M12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
};

export function icon(name) {
  const path = svg("path", {
    d: PATHS[name],
    fill: "none",
    stroke: "currentColor",
    "stroke-width": name === "more" ? 2.6 : 1.8,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
  return svg("svg", { viewBox: "0 0 24 24", width: 24, height: 24, "aria-hidden": "true", focusable: "false" }, path);
}

const TIME = new Intl.DateTimeFormat("ja-JP", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo",
  month: "numeric",
  day: "numeric",
  weekday: "short",
});
const FULL = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo",
  month: "numeric",
  day: "numeric",
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export const clockTime = (iso) => TIME.format(new Date(iso));
export const day = (iso) => DAY.format(new Date(iso));
export const fullTime = (date) => FULL.format(date);

// What LINE makes tappable in a plain text: web addresses and Japanese telephone numbers.
const LINKS =
  /(https?:\/\/[^\s<>「」（）、。]+)|((?<![\d-])(?:0\d{1,4}-\d{1,4}-\d{3,4}|0\d{9,10}|[#＃]\d{4}|1(?:10|18|19|88|89))(?![\d-]))/gu;

export function linked(text) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(LINKS)) {
    parts.push(text.slice(from, match.index));
    const href = match[1] ?? `tel:${match[2].replaceAll("-", "").replace("＃", "#").replace("#", "%23")}`;
    parts.push(
      match[1] ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, match[0]) : h("a", { href }, match[0]),
    );
    from = match.index + match[0].length;
  }
  return [...parts, text.slice(from)].filter((part) => part !== "");
}

export async function post(path, body = {}) {
  const answer = await fetch(document.body.dataset.root + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}
