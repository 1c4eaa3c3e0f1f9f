// One entry of a talk, drawn.

import { clockTime, h, icon, linked, svg } from "./dom.js";
import { flex, template } from "./flex.js";

// Our own stickers: a face, a mood, a word.
export const STICKERS = [
  { id: "1", word: "ありがとう", tint: "#f6c453", mouth: "M17 27q7 8 14 0", eyes: "up" },
  { id: "2", word: "かなしい", tint: "#8db7e8", mouth: "M18 31q6-6 12 0", eyes: "down" },
  { id: "3", word: "つらい", tint: "#b9a3dd", mouth: "M18 30h12", eyes: "shut" },
  { id: "4", word: "おねがい", tint: "#f2a6a0", mouth: "M20 29q4 3 8 0", eyes: "up" },
  { id: "5", word: "わかった", tint: "#8fcfa8", mouth: "M17 27q7 7 14 0", eyes: "open" },
  { id: "6", word: "ねむれない", tint: "#9aa7b8", mouth: "M21 30h6", eyes: "down" },
  { id: "7", word: "こわい", tint: "#a9c7c3", mouth: "M19 31q2.5-3 5 0t5 0", eyes: "open" },
  { id: "8", word: "だいじょうぶ", tint: "#f0b67f", mouth: "M18 28q6 5 12 0", eyes: "shut" },
];
const EYES = {
  open: "M18 20v2M30 20v2",
  up: "M16 21q2-3 4 0M28 21q2-3 4 0",
  down: "M16 20q2 2.5 4 0M28 20q2 2.5 4 0",
  shut: "M16 21h4M28 21h4",
};

export function sticker(id) {
  const known = STICKERS.find((each) => each.id === id) ?? {
    word: "スタンプ",
    tint: "#cfd8dc",
    mouth: "M18 28q6 4 12 0",
    eyes: "open",
  };
  const line = (d) =>
    svg("path", { d: d, fill: "none", stroke: "#33414a", "stroke-width": 2.2, "stroke-linecap": "round" });
  const face = svg(
    "svg",
    { viewBox: "0 0 48 48", width: 96, height: 96, "aria-hidden": "true" },
    svg("path", { d: "M24 4c12 0 20 8 20 20s-8 20-20 20S4 36 4 24 12 4 24 4", fill: known.tint }),
    line(EYES[known.eyes]),
    line(known.mouth),
  );
  return h(
    "span",
    { class: "sticker", role: "img", "aria-label": `スタンプ：${known.word}` },
    face,
    h("b", { "aria-hidden": "true" }, known.word),
  );
}

const MEDIA = { image: "写真", video: "動画", audio: "音声", file: "ファイル", location: "位置情報" };

export const preview = (last) =>
  !last
    ? "まだやりとりがありません"
    : last.unsent
      ? "送信を取り消しました"
      : last.text ||
        (last.kind === "sticker" ? "スタンプ" : MEDIA[last.kind] ? `${MEDIA[last.kind]}を送りました` : "カード");

function frame(message) {
  const words =
    message.type === "location" ? [message.title, message.address].filter(Boolean).join("　") : message.fileName;
  return h(
    "div",
    { class: "bubble frame" },
    icon(message.type),
    h("span", {}, MEDIA[message.type] ?? message.type, words ? h("small", {}, words) : null),
  );
}

function content(entry, press) {
  const message = entry.message;
  switch (message.type) {
    case "text":
      return h("div", { class: "bubble" }, ...linked(message.text ?? ""));
    case "sticker":
      return sticker(message.stickerId);
    case "flex":
      return flex(message.contents, press);
    case "template":
      return template(message.template, press);
    default:
      return frame(message);
  }
}

const NOTES = { followed: "友だちに追加しました", unblocked: "ブロックを解除しました", blocked: "ブロックしました" };

export function row(entry, { account, first, press, openMenu }) {
  if (entry.side === "note") return h("p", { class: "note" }, NOTES[entry.message.text] ?? "");
  if (entry.unsent) return h("p", { class: "note" }, "メッセージの送信を取り消しました");
  const time = h("time", { datetime: entry.at }, clockTime(entry.at));
  if (entry.side === "bot") {
    const sender = entry.message.sender?.name;
    return h(
      "div",
      { class: first ? "row bot" : "row bot more" },
      first ? h("span", { class: "avatar", "aria-hidden": "true" }, account.slice(0, 1)) : null,
      h(
        "div",
        { class: "said" },
        first ? h("p", { class: "name" }, sender ? `${sender}（${account}）` : account) : null,
        h("div", { class: "line" }, content(entry, press), h("div", { class: "meta" }, time)),
      ),
    );
  }
  const more = entry.via
    ? null
    : h(
        "button",
        {
          type: "button",
          class: "more-button",
          "aria-label": "このメッセージのメニュー",
          "aria-haspopup": "true",
          onclick: (event) => openMenu(event.currentTarget),
        },
        icon("more"),
      );
  return h(
    "div",
    { class: "row mine" },
    h(
      "div",
      { class: "line" },
      more,
      h("div", { class: "meta" }, entry.read ? h("span", {}, "既読") : null, time),
      content(entry, press),
    ),
  );
}
