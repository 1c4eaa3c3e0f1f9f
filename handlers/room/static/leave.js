// 「すぐ閉じる」: at once, with nothing of this page left on the screen or behind the back button.
"use strict";
(() => {
  const away = document.body.dataset.away;
  function empty() {
    document.documentElement.hidden = true;
    document.body.replaceChildren();
  }
  // Other pages of this room in the same browser go with this one. A channel keeps nothing.
  const others = window.BroadcastChannel ? new BroadcastChannel("room") : null;
  if (others) others.onmessage = () => { empty(); location.replace(away); };
  function leave(event) {
    if (event) event.preventDefault();
    empty();
    others?.postMessage("away");
    try { fetch("/room/away", { redirect: "manual", keepalive: true, credentials: "same-origin" }); } catch (error) { /* offline: the screen is empty all the same */ }
    location.replace(away);
  }
  document.getElementById("leave")?.addEventListener("click", leave);
  // Shift three times within two seconds, for who has a keyboard; never while letters are being put together.
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift" || event.isComposing || event.repeat) { if (event.key !== "Shift") presses = []; return; }
    presses = [...presses.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (presses.length >= 3) leave();
  });
  // A browser that keeps the page in its memory must not show it again.
  addEventListener("pagehide", (event) => { if (event.persisted) empty(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { empty(); location.reload(); } });
})();
