// For applications, which may include it in their pages:
//
//   <script src="https://PORTAL/reopen.js" defer></script>
//
// A form that somebody has filled in for half an hour must not be lost because the session ended
// meanwhile.  Before a form is sent this script asks, where the form goes to, whether it would be
// let in.  If it would not, the portal opens in a window of its own; once the person has signed in
// there, the window comes back to the page it started from, says so to this one, and closes; and the
// form is sent as it was filled in.  Where only the form's own address asks for more, the window
// goes there instead, and stays.  Whoever closes the window sends the form again for another.
// `sekishoReopen()` does the same for scripts: the promise it returns is kept once the session is
// there again, and broken when it is not after ten minutes.
//
// It keeps nothing, reads no field, and asks nobody but the application and the portal.
"use strict";

(function () {
  const portal = new URL(document.currentScript.src).origin;
  const channel = new BroadcastChannel("sekisho");
  const mark = "#sekisho-reopened";
  const japanese = (document.documentElement.lang || navigator.language || "").startsWith("ja");
  const lookEvery = 2000;  // milliseconds
  const mostLooks = 300;

  // The window that comes back from the portal has nothing to do but to say so.
  if (location.hash === mark) {
    channel.postMessage("reopened");
    window.close();
    return;
  }

  function page() {
    return location.pathname + location.search;
  }

  // Where the form goes to, as far as we may ask there.
  function goal(form, submitter) {
    const named = submitter && submitter.getAttribute("formaction");
    const url = new URL(named || form.getAttribute("action") || "", document.baseURI);
    return url.origin === location.origin ? url.pathname + url.search : page();
  }

  // The status with which a request for `path` would be answered; 0: with none.
  function ask(path) {
    return fetch(path, { method: "HEAD", cache: "no-store", redirect: "manual",
                         headers: { "X-Requested-With": "sekisho" } })
      .then((answer) => answer.status || 200, () => 0);
  }

  // 401: the session is over, or proof is asked for again.  Whatever else comes, the form may go:
  // the gateway decides, not this script.
  function isOver(path) {
    return ask(path).then((status) => status === 401);
  }

  function tell() {
    const note = document.createElement("p");
    note.setAttribute("role", "alert");
    note.style.cssText = "position:sticky;top:0;margin:0;padding:1rem;z-index:2147483647;" +
      "background:#fff;color:#111;border-bottom:3px solid #b3261e;font:1rem/1.6 sans-serif";
    const link = document.createElement("a");
    link.target = "_blank";
    link.textContent = japanese ? "こちらでログインし直してください。入力した内容はそのまま送られます。"
                                : "Please sign in again here. What you have filled in will then be sent.";
    note.append(link);
    document.body.prepend(note);
    return { note, link };
  }

  const waits = new Map();  // by path: { open, again }

  function wait(path) {
    const { note, link } = tell();
    const open = () => isOver(page()).then((all) => {
      const back = location.origin + (all ? page() + mark : path);
      link.href = portal + "/?rd=" + encodeURIComponent(back);
      // A browser may let no window open; there is the link.
      window.open(link.href, "_blank", "popup,width=560,height=720");
    });
    const again = new Promise((keep, breaks) => {
      let looks = 0;
      let timer = 0;
      const look = () => ask(path).then((status) => {
        const isBack = status !== 0 && status !== 401;
        if (!isBack && ++looks < mostLooks) return;
        clearInterval(timer);
        channel.removeEventListener("message", look);
        waits.delete(path);
        note.remove();
        if (isBack) keep();
        else breaks(new Error("the session is over"));
      });
      timer = setInterval(look, lookEvery);
      channel.addEventListener("message", look);
    });
    return { open, again };
  }

  function reopen(path = page()) {
    if (!waits.has(path)) waits.set(path, wait(path));
    waits.get(path).open();
    return waits.get(path).again;
  }

  window.sekishoReopen = () => reopen();

  const cleared = new WeakSet();  // forms that may go
  const waiting = new WeakSet();  // forms that will
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const leaves = submitter ? submitter.formMethod : form.method;
    if (event.defaultPrevented || cleared.has(form) || leaves === "dialog") return;
    event.preventDefault();
    const send = () => {
      cleared.add(form);
      form.requestSubmit(submitter);
      cleared.delete(form);
    };
    const path = goal(form, submitter);
    isOver(path).then((over) => {
      if (!over) return send();
      const again = reopen(path);  // opens another window, if the first was closed
      if (waiting.has(form)) return undefined;
      waiting.add(form);
      return again.then(send, () => {}).finally(() => waiting.delete(form));
    });
  });
})();
