// For applications, which may include it in their pages:
//
//   <script src="https://PORTAL/reopen.js" defer></script>
//
// A form that somebody has filled in for half an hour must not be lost because the session ended
// meanwhile.  Before a form is sent this script asks, at the form's own page, whether the session is
// still there.  If it is not, the portal opens in a window of its own; once the person has signed in
// there, the window comes back to the page it started from, says so to this one, and closes; and the
// form is sent as it was filled in.  `sekishoReopen()` does the same for scripts: the promise it
// returns is kept once the session is there again, and broken when it is not.
//
// It keeps nothing, reads no field, and asks nobody but the application and the portal.
"use strict";

(function () {
  const portal = new URL(document.currentScript.src).origin;
  const channel = new BroadcastChannel("sekisho");
  const mark = "#sekisho-reopened";
  const japanese = (document.documentElement.lang || navigator.language || "").startsWith("ja");

  // The window that comes back from the portal has nothing to do but to say so.
  if (location.hash === mark) {
    channel.postMessage("reopened");
    window.close();
    return;
  }

  // 401: the session is over, or this page asks for proof again.  Whatever else comes, the form may
  // go: the gateway decides, not this script.
  function isOver() {
    const page = location.pathname + location.search;
    return fetch(page, { method: "HEAD", cache: "no-store", redirect: "manual",
                         headers: { "X-Requested-With": "sekisho" } })
      .then((answer) => answer.status === 401, () => false);
  }

  function tell(href) {
    const note = document.createElement("p");
    note.setAttribute("role", "alert");
    note.style.cssText = "position:fixed;inset:0 0 auto;margin:0;padding:1rem;z-index:2147483647;" +
      "background:#fff;color:#111;border-bottom:3px solid #b3261e;font:1rem/1.6 sans-serif";
    const link = document.createElement("a");
    link.href = href;
    link.target = "_blank";
    link.textContent = japanese ? "こちらでログインし直してください。入力した内容はそのまま送られます。"
                                : "Please sign in again here. What you have filled in will then be sent.";
    note.append(link);
    document.body.prepend(note);
    return note;
  }

  let waiting = null;  // one window for all who ask

  function reopen() {
    if (waiting) return waiting;
    const back = location.origin + location.pathname + location.search + mark;
    const href = portal + "/?rd=" + encodeURIComponent(back);
    const opened = window.open(href, "_blank", "popup,width=560,height=720");
    const note = opened ? null : tell(href);  // a browser that lets no window open
    waiting = new Promise((keep, breaks) => {
      channel.onmessage = (message) => {
        if (message.data !== "reopened") return;
        if (note) note.remove();
        waiting = null;
        isOver().then((over) => (over ? breaks(new Error("the session is over")) : keep()));
      };
    });
    return waiting;
  }

  window.sekishoReopen = reopen;

  const cleared = new WeakSet();  // forms that may go
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const leaves = event.submitter ? event.submitter.formMethod : form.method;
    if (event.defaultPrevented || cleared.has(form) || leaves === "dialog") return;
    event.preventDefault();
    const send = () => {
      cleared.add(form);
      form.requestSubmit(event.submitter);
      cleared.delete(form);
    };
    isOver().then((over) => (over ? reopen().then(send, () => {}) : send()));
  });
})();
