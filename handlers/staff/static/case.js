// The case: says when it changed and who is writing, counts letters, and keeps what was typed.
"use strict";
(function () {
  const page = document.getElementById("case");
  const id = page.dataset.case, composer = document.getElementById("composer");
  const words = document.getElementById("composed"), key = "tsunagu-words-" + id;
  const changedBox = document.getElementById("changed");
  const typingBox = document.createElement("p");
  typingBox.className = "notice typing";
  typingBox.setAttribute("role", "status");
  typingBox.hidden = true;
  document.querySelectorAll(".banner-line.typing").forEach((line) => line.remove());
  (composer || page).before(typingBox);
  function showTyping(names) {
    typingBox.hidden = !names.length;
    typingBox.textContent = names.map((name) => name + "さん").join("、") + "が入力中";
    if (names.length) { clearTimeout(showTyping.timer); showTyping.timer = setTimeout(look, 9000); }
  }
  // A form on its way leads to a page of its own: nothing may come in between.
  let leaving = false;
  document.addEventListener("submit", () => { leaving = true; });
  // Marked, because a page that renews itself is nobody looking: an alert goes on to the next person.
  function reload() {
    if (leaving) return;
    const address = new URL(location.href);
    address.searchParams.set("again", "1");
    address.searchParams.delete("done");
    if (address.href === location.href) location.reload(); else location.replace(address);
  }
  async function look() {
    if (leaving) return;
    const answer = await fetch("/staff/cases/" + id + "/live", { headers: { accept: "application/json" } });
    if (answer.status === 401) { reload(); return; }
    if (!answer.ok) return;
    const now = await answer.json();
    showTyping(now.typing);
    if (String(now.version) === page.dataset.version) return;
    const empty = !document.querySelector("textarea:focus, input:focus, select:focus") && [...document.querySelectorAll("textarea")].every((one) => one.value === one.defaultValue);
    if (empty) reload(); else changedBox.hidden = false;
  }
  window.listenForChanges(page.dataset.desk, look);
  // Deliveries change no case: looked at again while one is under way, without touching what is being typed.
  async function deliveries() {
    const open = document.querySelector(".stage-under_way, .stage-delayed") ? 2500 : document.querySelector(".stage-quota") ? 30000 : 0;
    if (!open || leaving) return;
    await new Promise((done) => setTimeout(done, open));
    const address = new URL(location.href);
    address.searchParams.set("again", "1");
    address.searchParams.delete("done");
    try {
      const answer = await fetch(address);
      const fresh = answer.ok && !leaving ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
      for (const told of fresh ? fresh.querySelectorAll(".talk .sending") : []) {
        const old = document.querySelector("#" + told.closest("li").id + " .sending");
        if (old && old.textContent !== told.textContent) old.replaceWith(told);
      }
    } catch (error) { /* the next look may reach it */ }
    deliveries();
  }
  deliveries();
  if (!composer) return;
  const count = document.getElementById("count"), hints = document.getElementById("hints"), most = Number(composer.dataset.most);
  function counted() {
    const length = words.value.length, over = length > most;
    count.textContent = length ? length + "文字" + (over ? "(" + (length - most) + "文字多い)" : "") : "";
    count.classList.toggle("over", over);
  }
  let last = 0, timer = null;
  async function typing() {
    last = Date.now();
    const form = new FormData();
    form.set("words", words.value);
    form.set("token", composer.querySelector('input[name="token"]').value);
    const answer = await fetch("/staff/cases/" + id + "/typing", { method: "POST", body: new URLSearchParams(form), headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const told = await answer.json();
    hints.replaceChildren(...told.hints.map((hint) => { const item = document.createElement("li"); item.textContent = hint; return item; }));
    showTyping(told.typing);
  }
  words.addEventListener("input", () => {
    counted();
    try { sessionStorage.setItem(key, words.value); } catch (error) { /* full or forbidden: then it is not kept */ }
    clearTimeout(timer);
    timer = setTimeout(typing, Date.now() - last > 3000 ? 200 : 1500);
  });
  document.getElementById("ready").addEventListener("change", (event) => {
    if (!event.target.value) return;
    const gap = words.value && !words.value.endsWith("\n") ? "\n" : "";
    words.value += gap + event.target.value;
    event.target.selectedIndex = 0;
    words.dispatchEvent(new Event("input"));
    words.focus();
  });
  composer.addEventListener("submit", () => { try { sessionStorage.removeItem(key); } catch (error) { /* nothing was kept */ } });
  const kept = sessionStorage.getItem(key);
  if (kept && !words.value) words.value = kept;
  counted();
  // A free answer is free for less than a minute.
  const cost = document.getElementById("cost");
  let free = Number(cost.dataset.free);
  if (free > 0) {
    const ticking = setInterval(() => {
      free -= 1;
      cost.textContent = free > 0 ? "いま送ると返信(無料)で届きます(あと" + free + "秒)。" : "プッシュで送ります(1通)。";
      if (free <= 0) clearInterval(ticking);
    }, 1000);
  }
})();
