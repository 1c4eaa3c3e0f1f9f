// The queue: kept up to date, and worked by keys. What rings is bell.js.
"use strict";
(function () {
  const box = document.getElementById("queue");
  const rows = () => [...box.querySelectorAll("tr[data-case]")];
  const urgent = () => new Set([...box.querySelectorAll("tr.level-urgent")].map((row) => row.dataset.case));
  let chosen = null, fetching = false, again = false;
  document.getElementById("keys").hidden = false;
  let leaving = false;
  document.addEventListener("submit", () => { leaving = true; });
  async function refresh() {
    if (leaving) return;
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const answer = await fetch("/staff/queue/rows" + location.search, { headers: { accept: "text/html" } });
      if (answer.redirected || answer.status === 401) { location.reload(); return; }
      if (answer.ok) {
        const focused = document.activeElement && box.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
        box.innerHTML = await answer.text();
        if (focused) { const same = [...box.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused); if (same) same.focus(); }
        select(rows().find((row) => row.dataset.case === chosen) || null, false);
        tell();
      }
    } finally {
      fetching = false;
      if (again) { again = false; refresh(); }
    }
  }
  function tell() {
    const now = urgent();
    document.title = (now.size ? "(" + now.size + ") " : "") + "相談 | つなぐ";
  }
  function select(row, scroll = true) {
    rows().forEach((one) => one.removeAttribute("data-chosen"));
    chosen = row ? row.dataset.case : null;
    if (!row) return;
    row.setAttribute("data-chosen", "true");
    if (!scroll) return;
    // The browser's own focus goes along: Enter, Tab and a screen reader begin at the same row.
    const link = row.querySelector("a");
    if (link) link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function move(step) {
    const all = rows(), at = all.findIndex((row) => row.dataset.case === chosen);
    if (all.length) select(all[Math.min(Math.max(at + step, 0), all.length - 1)]);
  }
  // Whoever came to a row by Tab, or pressed in it, goes on from there.
  box.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-case]");
    if (row && row.dataset.case !== chosen) select(row, false);
  });
  const current = () => rows().find((row) => row.dataset.case === chosen);
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    Enter: () => { const link = current() && current().querySelector("a"); if (link) link.click(); },
    c: () => { const form = current() && current().querySelector("form"); if (form) form.requestSubmit(); },
    "/": () => { document.getElementById("filter-box").open = true; document.getElementById("words").focus(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const typing = event.target.closest("input, textarea, select");
    // Enter is the browser's own where it presses something.
    if (typing || !keys[event.key] || (event.key === "Enter" && event.target.closest("a, button, summary"))) return;
    event.preventDefault();
    keys[event.key]();
  });
  window.listenForChanges(box.dataset.desk, (now, before) => { if (now.queue !== before.queue) refresh(); });
  // Waiting times grow although nothing changes.
  setInterval(refresh, 60000);
})();
