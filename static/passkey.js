/* Passkeys: asks the browser for one when the form is sent, and sends its answer with the form. */
(() => {
  "use strict";
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const read = (descriptors) =>
    (descriptors || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const questions = {
    create: (asked) => navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: read(asked.excludeCredentials),
      },
    }),
    get: (asked) => navigator.credentials.get({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        allowCredentials: read(asked.allowCredentials),
      },
    }),
  };

  const said = (credential) => {
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature"];
    const given = parts.filter((part) => credential.response[part]);
    const response = Object.fromEntries(
      given.map((part) => [part, text(credential.response[part])])
    );
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const field = form.elements.passkey;
    form.hidden = !window.PublicKeyCredential;
    form.addEventListener("submit", async (event) => {
      if (field.value) return;
      event.preventDefault();
      const trouble = form.querySelector("[role=alert]");
      trouble.hidden = true;
      try {
        const asked = JSON.parse(field.dataset.options).publicKey;
        field.value = said(await questions[form.dataset.passkey](asked));
        form.requestSubmit();
      } catch {
        trouble.hidden = false;
      }
    });
  }
})();
