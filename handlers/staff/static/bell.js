// Rings for new calls on every page of the console, if somebody wants that: a sound and a notification without content.
"use strict";
(function () {
  const bell = document.getElementById("bell");
  if (!bell) return;
  const loudKey = "tsunagu-bell", rungKey = "tsunagu-rung";
  let loud = localStorage.getItem(loudKey) === "on", asking = false, audio = null;
  function show() {
    bell.hidden = false;
    bell.textContent = loud ? "音の知らせを止める" : "音で知らせる";
    bell.setAttribute("aria-pressed", String(loud));
  }
  bell.addEventListener("click", () => {
    loud = !loud;
    localStorage.setItem(loudKey, loud ? "on" : "off");
    show();
    if (!loud) return;
    sound(0.05, 660);
    if (window.Notification && Notification.permission === "default") Notification.requestPermission();
    ask();
  });
  // Browsers let no page sound that nobody has touched yet.
  document.addEventListener("pointerdown", () => { if (loud && audio && audio.state === "suspended") audio.resume(); });
  function sound(strength, pitch) {
    audio = audio || new AudioContext();
    if (audio.state === "suspended") audio.resume();
    const tone = audio.createOscillator(), gain = audio.createGain(), now = audio.currentTime;
    gain.gain.setValueAtTime(strength, now);
    gain.gain.exponentialRampToValueAtTime(0.0001, now + 0.6);
    tone.frequency.value = pitch;
    tone.connect(gain).connect(audio.destination);
    tone.start(now);
    tone.stop(now + 0.6);
  }
  function ring(id, urgent) {
    sound(urgent ? 0.4 : 0.15, urgent ? 880 : 520);
    if (urgent) setTimeout(() => sound(0.4, 660), 700);
    if (!window.Notification || Notification.permission !== "granted") return;
    const body = urgent ? "緊急の相談があります" : "新しい相談があります";
    const shown = new Notification("つなぐ", { body, tag: id, requireInteraction: urgent });
    shown.onclick = () => { window.focus(); location.href = "/staff/queue"; };
  }
  async function ask() {
    if (!loud || asking) return;
    asking = true;
    try {
      const answer = await fetch("/staff/bell?desk=" + encodeURIComponent(bell.dataset.desk || ""), { headers: { accept: "application/json" } });
      if (!answer.ok) return;
      const now = await answer.json();
      // Kept beyond the page: of several pages one rings, and nothing that comes between two pages is missed.
      const known = JSON.parse(localStorage.getItem(rungKey) || "null");
      localStorage.setItem(rungKey, JSON.stringify(now));
      if (known && now.urgent && now.urgent !== known.urgent) ring(now.urgent, true);
      else if (known && now.calm && now.calm !== known.calm) ring(now.calm, false);
    } catch (error) {
      bell.dataset.away = "true"; // The network is away: asked again in a moment.
    } finally {
      asking = false;
    }
  }
  document.addEventListener("desk-changed", ask);
  setInterval(ask, 15000);
  show();
  ask();
})();
