// Counters are public: F9 (or Esc twice, or the button) covers the screen with a page that says nothing.
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
    // An open menu lies above everything, the cover too.
    const menu = document.querySelector("[popover]:popover-open");
    if (menu) menu.hidePopover();
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
    // One key, wherever one is typing; the same key brings the page back.
    if (event.key === "F9" && !event.repeat) {
      event.preventDefault();
      if (cover.hidden) hide(); else show();
      return;
    }
    if (event.key !== "Escape" || event.isComposing || !cover.hidden) return;
    const now = Date.now();
    if (now - pressed < 800) hide();
    pressed = now;
  });
})();
