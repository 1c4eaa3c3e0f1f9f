// The panel 「実験」.

import { clockTime, fullTime, h, post } from "./dom.js";

const $ = (id) => document.getElementById(id);
const FAULTS = Object.fromEntries([...$("fault-kind").options].map((option) => [option.value, option.textContent]));
const NOTES = {
  ok: "",
  redelivery: "再送",
  could_not_connect: "つながらない",
  request_timeout: "2秒以内に返事なし",
  error_status_code: "断られた",
  unclassified: "不明な失敗",
  no_webhook_url: "送り先なし",
};
let ahead = 0;

export function wireLab(refresh, say) {
  const turn = async (name, value) => {
    try {
      await post("/api/lab", { switch: name, value });
    } catch {
      say("この値は使えません。");
    }
    refresh();
  };
  for (const step of document.querySelectorAll("[data-step]"))
    step.addEventListener("click", () => turn("clock", Number(step.dataset.step)));
  for (const box of document.querySelectorAll("[data-switch]"))
    box.addEventListener("change", () => turn(box.dataset.switch, box.checked));
  $("fault-add").addEventListener("click", () =>
    turn("fault", {
      kind: $("fault-kind").value,
      times: Number($("fault-times").value) || null,
      seconds: Number($("fault-seconds").value) || 0,
    }),
  );
  $("fault-clear").addEventListener("click", () => turn("heal"));
  $("limit").addEventListener("change", () => turn("limit", $("limit").value === "" ? null : Number($("limit").value)));
  setInterval(tick, 1000);
  tick();
}

function tick() {
  $("clock").textContent = fullTime(new Date(Date.now() + ahead));
}

export function drawLab({ now, offset, lab }) {
  ahead = new Date(now).getTime() - Date.now();
  tick();
  $("offset").textContent = offset ? `（${away(offset)}進んでいます）` : "";
  if (document.activeElement !== $("limit")) $("limit").value = lab.limit ?? "";
  $("used").textContent =
    lab.limit === null
      ? `これまでに${lab.used}通。返信は数えません。`
      : `${lab.limit}通のうち${lab.used}通。返信は数えません。`;
  for (const box of document.querySelectorAll("[data-switch]")) box.checked = lab.webhook[box.dataset.switch];
  $("webhook-url").textContent = lab.webhook.url ? `送り先：${lab.webhook.url}` : "送り先はまだ決まっていません。";
  $("planned").replaceChildren(
    ...lab.faults.map((fault) =>
      h("li", {}, FAULTS[fault.kind], h("small", {}, fault.times === null ? "解除するまで" : `あと${fault.times}回`)),
    ),
  );
  drawRecords(lab.records);
}

function away(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor((seconds % 86400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return (
    [days ? `${days}日` : "", hours ? `${hours}時間` : "", minutes ? `${minutes}分` : ""].join("") || `${seconds}秒`
  );
}

function drawRecords(records) {
  const list = $("records");
  const shown = JSON.stringify(records);
  if (list.dataset.shown === shown) return;
  list.dataset.shown = shown;
  list.replaceChildren(
    ...records.map((record) =>
      h(
        "li",
        {},
        h("time", { datetime: record.at }, clockTime(record.at)),
        h("span", {}, record.way === "webhook" ? "→ ボット " : "← API ", h("code", {}, record.what)),
        h("b", { class: record.status >= 200 && record.status < 300 ? "good" : "bad" }, record.status || "－"),
        h("small", {}, record.way === "webhook" ? (NOTES[record.note] ?? "") : (FAULTS[record.note] ?? "")),
      ),
    ),
  );
  if (!records.length) list.append(h("li", { class: "hint" }, "まだありません。"));
}
