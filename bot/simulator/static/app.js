// The page: asks for the state whenever the platform says that something changed, and draws what is new.

import { STICKERS, row, sticker } from "./bubbles.js";
import { day, h, icon, post } from "./dom.js";
import { drawLab, wireLab } from "./lab.js";
import { drawPeople } from "./people.js";
import { holdToOpen, openPicker, openPopover } from "./popover.js";
import { drawMenu } from "./richmenu.js";

const $ = (id) => document.getElementById(id);
const root = document.body.dataset.root;
const words = $("words");
const drawn = new Map();
const seen = new Map();
let state = null;
let chosen = decodeURIComponent(location.hash.slice(1));
let asking = false;
let again = false;
let menuOpen = null;
let loadingTimer = 0;

for (const [id, name] of [
  ["open-people", "people"],
  ["open-menu", "more"],
  ["open-lab", "lab"],
  ["open-attach", "plus"],
  ["open-stickers", "smile"],
  ["toggle-menu", "menu"],
])
  $(id).append(icon(name));
document.querySelector(".send").append(icon("send"));
for (const closer of document.querySelectorAll(".closer")) closer.append(icon("close"));

// Doing

const REASONS = {
  "the account is blocked": "ブロック中は送れません。",
  "this button is not on the screen any more": "このボタンはもう使えません。",
};

function say(message) {
  $("toast").textContent = message;
  $("toast").classList.add("shown");
  setTimeout(() => $("toast").classList.remove("shown"), 3500);
}

async function act(name, body = {}) {
  try {
    await post(`/api/residents/${chosen}/${name}`, body);
  } catch (error) {
    say(REASONS[error.message] ?? "送れませんでした。もう一度お試しください。");
  }
  await refresh();
}

async function press(action, entryId) {
  switch (action.type) {
    case "uri":
      if (/^(https?:|tel:)/i.test(action.uri)) {
        await act("tap", { action, entryId });
        window.open(action.uri, action.uri.startsWith("tel:") ? "_self" : "_blank", "noopener");
      } else say("このリンクはLINEの中だけで開けます。");
      return;
    case "datetimepicker": {
      const picked = await openPicker(action);
      if (picked) await act("tap", { action, entryId, picked });
      return;
    }
    case "camera":
    case "cameraRoll":
      await act("tap", { action, entryId });
      return act("media", { kind: "image" });
    case "location":
      await act("tap", { action, entryId });
      return act("location");
    case "clipboard":
      await navigator.clipboard?.writeText(action.clipboardText);
      say("コピーしました。");
      return;
    default:
      await act("tap", { action, entryId });
  }
  if (action.type === "postback") input(action);
}

// What a postback asks of the keyboard and the rich menu once it is pressed.
function input(action) {
  if (action.inputOption === "openKeyboard") {
    words.value = action.fillInText ?? words.value;
    words.focus();
  }
  if (action.inputOption === "openRichMenu" || action.inputOption === "closeRichMenu") {
    menuOpen = action.inputOption === "openRichMenu";
    draw();
  }
}

function closeMenu() {
  if (!menuOpen) return;
  menuOpen = false;
  draw();
}

async function send() {
  const text = words.value;
  if (!text.trim()) return;
  words.value = "";
  fit();
  await act("say", { text });
  words.focus();
}

function fit() {
  words.style.height = "auto";
  words.style.height = `${Math.min(words.scrollHeight, 132)}px`;
}

async function addPerson() {
  choose((await post("/api/residents")).id);
}

function choose(id) {
  chosen = id;
  history.replaceState(null, "", `#${encodeURIComponent(id)}`);
  closeDrawers();
  refresh();
}

// Drawing

function messageMenu(entry) {
  return (anchor, toggle = true) =>
    openPopover(
      anchor,
      [
        { label: "送信取消", run: () => act("unsend", { messageId: entry.id }) },
        entry.message.text
          ? {
              label: "コピー",
              run: async () => {
                await navigator.clipboard?.writeText(entry.message.text);
                say("コピーしました。");
              },
            }
          : null,
      ],
      toggle,
    );
}

function drawEntry(entry, before) {
  const first =
    entry.side === "bot" &&
    (!before || before.side !== "bot" || before.message.sender?.name !== entry.message.sender?.name);
  const openMenu = messageMenu(entry);
  const node = row(entry, { account: state.account, first, press: (action) => press(action, entry.id), openMenu });
  if (node.querySelector(".more-button")) holdToOpen(node, openMenu);
  return node;
}

function drawTalk() {
  const talk = $("talk");
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
  const nodes = [];
  const keys = new Set();
  let lastDay = "";
  state.talk.entries.forEach((entry, position) => {
    const on = day(entry.at);
    if (on !== lastDay)
      nodes.push(keep(`${state.talk.id} ${on} ${entry.id}`, keys, () => h("p", { class: "note day" }, on)));
    lastDay = on;
    const key = `${state.talk.id} ${entry.id} ${entry.read} ${entry.unsent}`;
    nodes.push(keep(key, keys, () => drawEntry(entry, state.talk.entries[position - 1])));
  });
  if (!nodes.length)
    nodes.push(
      keep(`${state.talk.id} empty`, keys, () => h("p", { class: "note" }, "友だちに追加すると、あいさつが届きます。")),
    );
  for (const key of drawn.keys()) if (!keys.has(key)) drawn.delete(key);
  const list = $("entries");
  const changed =
    nodes.length !== list.childNodes.length || nodes.some((node, position) => list.childNodes[position] !== node);
  if (!changed) return;
  const swapped = list.dataset.talk !== state.talk.id;
  list.dataset.talk = state.talk.id;
  list.replaceChildren(...nodes);
  if (atEnd || swapped || state.talk.entries.at(-1)?.side === "resident") toEnd();
}

function keep(key, keys, make) {
  keys.add(key);
  if (!drawn.has(key)) drawn.set(key, make());
  return drawn.get(key);
}

function toEnd() {
  requestAnimationFrame(() => {
    $("talk").scrollTop = $("talk").scrollHeight;
  });
}

function drawChips() {
  const shown = JSON.stringify([state.talk.id, state.talk.entries.at(-1)?.id, state.talk.chips]);
  const chips = $("chips");
  if (chips.dataset.shown === shown) return;
  chips.dataset.shown = shown;
  const entryId = state.talk.entries.at(-1)?.id;
  chips.replaceChildren(
    ...state.talk.chips.map((action) =>
      h("button", { type: "button", class: "chip", onclick: () => pressChip(action, entryId) }, action.label ?? ""),
    ),
  );
  chips.hidden = state.talk.chips.length === 0 || state.talk.friendship === "blocked";
  chips.scrollLeft = 0;
  if (!chips.hidden) toEnd();
}

// The chip vanishes with the press: on a keyboard the focus must go somewhere.
async function pressChip(action, entryId) {
  await press(action, entryId);
  if (matchMedia("(pointer: fine)").matches) words.focus();
}

function drawFriendship() {
  const { friendship } = state.talk;
  const blocked = friendship === "blocked";
  $("who").textContent = `${state.talk.name}のスマートフォン`;
  $("blocked").hidden = !blocked;
  $("composer").hidden = blocked;
  const bar = $("friend-bar");
  bar.hidden = friendship !== "stranger";
  if (!bar.hidden && !bar.childElementCount)
    bar.append(
      h("span", { class: "avatar", "aria-hidden": "true" }, state.account.slice(0, 1)),
      h("p", {}, h("b", {}, state.account), h("small", {}, "まだ友だちではありません")),
      h("button", { type: "button", class: "strong", id: "follow", onclick: () => act("follow") }, "友だち追加"),
    );
}

function drawLoading() {
  clearTimeout(loadingTimer);
  const left = state.talk.loading;
  $("loading").hidden = left <= 0;
  if (left > 0) {
    loadingTimer = setTimeout(() => {
      $("loading").hidden = true;
    }, left * 1000);
    toEnd();
  }
}

function draw() {
  if (!state?.talk) return;
  if (chosen !== state.talk.id) {
    chosen = state.talk.id;
    history.replaceState(null, "", `#${encodeURIComponent(chosen)}`);
  }
  seen.set(state.talk.id, state.residents.find((person) => person.id === state.talk.id).bubbles);
  drawPeople(state, chosen, seen, choose);
  drawFriendship();
  drawTalk();
  drawChips();
  drawLoading();
  menuOpen = drawMenu(state.talk, menuOpen, { press, root });
  drawLab(state);
}

// Staying up to date

async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    do {
      again = false;
      const asked = chosen;
      const answer = await fetch(`${root}/api/state?resident=${encodeURIComponent(asked)}`);
      const told = await answer.json();
      // Another resident was chosen while this was on its way.
      if (asked !== chosen) {
        again = true;
        continue;
      }
      state = told;
      if (!state.residents.length) {
        chosen = (await post("/api/residents")).id;
        again = true;
      } else draw();
    } while (again);
    document.body.classList.remove("away");
  } catch {
    document.body.classList.add("away");
    say("シミュレーターにつながりません。再接続を待っています。");
  } finally {
    asking = false;
  }
}

let polling = 0;
const stream = new EventSource(`${root}/api/stream`);
stream.onmessage = () => {
  clearInterval(polling);
  polling = 0;
  refresh();
};
stream.onerror = () => {
  polling ||= setInterval(refresh, 2000);
};

// Drawers

function openDrawer(name) {
  document.body.dataset.drawer = name;
  $("veil").hidden = false;
  $(name).querySelector("button, input, select")?.focus();
}

function closeDrawers() {
  const open = document.body.dataset.drawer;
  delete document.body.dataset.drawer;
  $("veil").hidden = true;
  if (open) $(`open-${open}`).focus();
}

$("open-people").addEventListener("click", () => openDrawer("people"));
$("open-lab").addEventListener("click", () => openDrawer("lab"));
$("veil").addEventListener("click", closeDrawers);
for (const closer of document.querySelectorAll(".closer")) closer.addEventListener("click", closeDrawers);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeDrawers();
});

$("open-menu").addEventListener("click", (event) =>
  openPopover(event.currentTarget, [
    state.talk.friendship === "friend" ? { label: "ブロック", run: () => act("block") } : null,
    state.talk.friendship === "blocked" ? { label: "ブロックを解除", run: () => act("follow") } : null,
    state.talk.friendship === "stranger" ? { label: "友だち追加", run: () => act("follow") } : null,
    { label: "住民を追加", run: addPerson },
  ]),
);
$("open-attach").addEventListener("click", (event) =>
  openPopover(event.currentTarget, [
    ...[
      ["image", "写真"],
      ["video", "動画"],
      ["audio", "音声"],
      ["file", "ファイル"],
    ].map(([kind, label]) => ({ label, icon: kind, run: () => act("media", { kind }) })),
    { label: "位置情報", icon: "location", run: () => act("location") },
  ]),
);
$("open-stickers").addEventListener("click", (event) => {
  const tray = $("stickers");
  tray.hidden = !tray.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!tray.hidden));
  if (!tray.hidden) closeMenu();
});
$("stickers").append(
  ...STICKERS.map((each) =>
    h(
      "button",
      {
        type: "button",
        class: "sticker-button",
        onclick: () => {
          $("stickers").hidden = true;
          $("open-stickers").setAttribute("aria-expanded", "false");
          act("sticker", { stickerId: each.id, keyword: each.word });
        },
      },
      sticker(each.id),
    ),
  ),
);
$("toggle-menu").addEventListener("click", () => {
  menuOpen = !menuOpen;
  draw();
});
$("add-person").addEventListener("click", addPerson);
$("unblock").addEventListener("click", () => act("follow"));
$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
words.addEventListener("input", fit);
// As on a phone: the keyboard comes up in the place of the menu.
words.addEventListener("focus", closeMenu);
// On a keyboard Enter sends; while a Japanese word is being converted it only confirms the word. On a phone it breaks the line.
words.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
  if (!matchMedia("(pointer: fine)").matches) return;
  event.preventDefault();
  send();
});

wireLab(refresh, say);
refresh();
