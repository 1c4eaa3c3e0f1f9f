// Asks the browser for a security key when a form with data-key is sent, and puts its answer into the form.
"use strict";

(() => {
  const bytes = (text) => {
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.from(atob(plain.padEnd(Math.ceil(plain.length / 4) * 4, "=")), (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const opened = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

  async function make(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: opened(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    return answer(made, {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
    });
  }

  async function use(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: opened(options.allowCredentials),
    };
    const used = await navigator.credentials.get({ publicKey });
    return answer(used, {
      clientDataJSON: text(used.response.clientDataJSON),
      authenticatorData: text(used.response.authenticatorData),
      signature: text(used.response.signature),
    });
  }

  const answer = (credential, response) =>
    JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });

  for (const form of document.querySelectorAll("form[data-key]")) {
    if (!window.PublicKeyCredential) continue;
    form.hidden = false;
    const said = form.querySelector(".key-problem");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.hidden = true;
      try {
        const options = JSON.parse(form.dataset.options);
        form.elements.namedItem("credential").value = await (form.dataset.key === "make" ? make(options) : use(options));
        HTMLFormElement.prototype.submit.call(form);
      } catch {
        // Cancelled, no key there, or one that is known already: the browser has said which.
        said.hidden = false;
      }
    });
  }
})();
