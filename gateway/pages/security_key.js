// Asks a FIDO2 security key for the one WebAuthn ceremony of a page (Web Authentication Level 3,
// 5.1.3 and 5.1.4) and sends the answer with the page's own form.
//
// The form carries all that is needed: data-ceremony ("create" or "get"), data-options (JSON, bytes
// in base64url), a hidden field for each part of the answer, and a status line whose data-*
// attributes hold every sentence this script may show, in the page's language.  Nothing is judged
// here: the gateway verifies every byte of the answer.
//
// The portal's only script.  It fetches nothing, keeps nothing and writes text, never markup.
"use strict";

(function () {
  const form = document.querySelector("form[data-ceremony]");
  const button = form.querySelector("button[type=submit]");
  const status = form.querySelector("[data-waiting]");

  // Where the ceremony stands: "ready", then "asking" the key, then "sent", or "ready" again.
  let stage = "ready";

  function say(sentence, tone) {
    status.className = tone ? "key-status " + tone : "key-status";
    status.textContent = sentence ? status.dataset[sentence] : "";
  }

  function bytesOf(base64url) {
    const binary = atob(base64url.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  }

  function base64urlOf(buffer) {
    let binary = "";
    for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
    return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  // The options as the browser wants them: bytes where the JSON has base64url.
  function optionsOf(json) {
    const options = JSON.parse(json);
    options.challenge = bytesOf(options.challenge);
    if (options.user) options.user.id = bytesOf(options.user.id);
    for (const list of [options.allowCredentials, options.excludeCredentials]) {
      for (const credential of list || []) credential.id = bytesOf(credential.id);
    }
    return options;
  }

  function register(options) {
    return navigator.credentials.create({ publicKey: options }).then(({ response }) => ({
      client_data: base64urlOf(response.clientDataJSON),
      attestation_object: base64urlOf(response.attestationObject),
      transports: response.getTransports ? response.getTransports().join(",") : "",
    }));
  }

  function assert(options) {
    return navigator.credentials.get({ publicKey: options }).then(({ rawId, response }) => ({
      credential_id: base64urlOf(rawId),
      client_data: base64urlOf(response.clientDataJSON),
      authenticator_data: base64urlOf(response.authenticatorData),
      signature: base64urlOf(response.signature),
      user_handle: response.userHandle ? base64urlOf(response.userHandle) : "",
    }));
  }

  // Which sentence tells a person why the browser gave no answer.
  function sentenceFor(error) {
    switch (error.name) {
      case "NotAllowedError": // cancelled, timed out, or no such key: a browser does not say which
      case "AbortError":
        return "cancelled";
      case "InvalidStateError":
        return "taken";
      case "ConstraintError":
      case "NotSupportedError":
        return "unusable";
      case "SecurityError":
        return "address";
      default:
        return "failed";
    }
  }

  async function run() {
    stage = "asking";
    button.disabled = true;
    say("waiting", "calm");
    try {
      const options = optionsOf(form.dataset.options);
      const answer = await (form.dataset.ceremony === "create" ? register : assert)(options);
      for (const name of Object.keys(answer)) form.elements.namedItem(name).value = answer[name];
      say("sending", "calm");
      stage = "sent";
      HTMLFormElement.prototype.submit.call(form);
    } catch (error) {
      say(sentenceFor(error), "refusal");
      makeReady();
      button.focus();
    }
  }

  function makeReady() {
    stage = "ready";
    button.disabled = false;
  }

  // Takes the focus for the key's button, but not from a person who has begun to type.
  function takeFocus() {
    const active = document.activeElement;
    if (!active || !active.value) button.focus();
  }

  if (!window.PublicKeyCredential) {
    say("unsupported", "refusal");
    return;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (stage === "ready") run();
  });
  // A page brought back by the browser's back button is as it was left: let it be used again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    say("");
    makeReady();
  });
  say("");
  makeReady();
  const suggestion = form.querySelector("input[autofocus]");
  if (suggestion) suggestion.select(); // typing replaces the suggested name
  if (form.hasAttribute("data-focus")) takeFocus();
})();
