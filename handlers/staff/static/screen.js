// Counters are public: one press, or Esc twice, covers the screen with a page that says nothing.
"use strict";
(function () {
  const button = document.getElementById("hide-screen");
  const cover = document.createElement("div");
  cover.id = "cover";
  cover.hidden = true;
  cover.innerHTML = '<p>画面を休んでいます</p><button type="button">戻る</button>';
  document.body.append(cover);
  const title = document.title;
  let focused = null, pressed = 0;
  function hide() {
    focused = document.activeElement;
    cover.hidden = false;
    [...document.body.children].forEach((one) => { if (one !== cover) one.inert = true; });
    document.title = "お知らせ";
    cover.querySelector("button").focus();
  }
  function show() {
    cover.hidden = true;
    [...document.body.children].forEach((one) => { one.inert = false; });
    document.title = title;
    if (focused) focused.focus();
  }
  if (button) { button.hidden = false; button.addEventListener("click", hide); }
  cover.querySelector("button").addEventListener("click", show);
  // What was being typed is kept in this tab only while somebody is signed in.
  document.addEventListener("submit", (event) => {
    if (event.target.action.endsWith("/staff/sign-out")) sessionStorage.clear();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || !cover.hidden) return;
    const now = Date.now();
    if (now - pressed < 800) hide();
    pressed = now;
  });
})();
